"""Compares what purser says with what the sandbox knows. Usage: judge.py PHASE PURSER SANDBOX BATCH...

PHASE is
	storm	after the faults: everything has ended, or is held
	calm	after another try without faults: everything has succeeded, but what is held in doubt, and what needs it
	empty	after destroying: nothing is there, but what is held in doubt, and what that needs

and at all times: what exists belongs to an objective that has succeeded, or is listed as orphaned (or is what an
objective that is held in doubt asks a person about); what purser lists exists; nothing was made twice or by two.

Lines that begin with a blank are for information. The others are faults: exit status 1.
"""

import collections
import json
import subprocess
import sys

PHASE, PURSER, SANDBOX = sys.argv[1:4]
BATCHES = sys.argv[4:]
TAG = "purser-objective"
ENDED = {"storm": {"succeeded", "failed"}, "calm": {"succeeded"}, "empty": {"destroyed", "cancelled"}}[PHASE]
AT_MOST = {"linux_vm": 2}  # resources with the tag of one objective: a machine and its network interface; else 1


def answer(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{' '.join(argv[1:])}: {done.returncode} {done.stderr}")
    return json.loads(done.stdout)


class World:
    """Both sides, by id."""

    def __init__(self):
        self.objectives = {}
        self.registered = {}
        for batch in BATCHES:
            for objective in answer(PURSER, "list", "--batch", batch, "--all", "--json"):
                self.objectives[objective["id"]] = objective
            for row in answer(PURSER, "resources", "--batch", batch, "--json"):
                self.registered[row["id"].lower()] = row
        self.orphaned = {row["id"].lower() for row in answer(PURSER, "resources", "--orphaned", "--json")}
        dump = answer(SANDBOX, "dump", "--json")
        self.cloud = {thing["id"].lower(): thing for thing in dump["groups"] + dump["resources"]}
        self.machines = {thing["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"].lower(): thing
                         for thing in dump["resources"] if "storageProfile" in thing["properties"]}
        self.counts = answer(SANDBOX, "counts", "--json")
        self.holds = {id_: {hold["reason"] for hold in answer(PURSER, "show", id_, "--json")["holds"]}
                      for id_, objective in self.objectives.items() if objective["state"] == "held"}

    def name(self, id_):
        objective = self.objectives.get(id_)
        return f"{objective['batch']}/{objective['name']} ({objective['state']})" if objective else f"objective {id_}"

    def above(self, thing):
        """What a thing came with and goes with: the machine of a disk, the network of a subnet; or None."""
        return self.machines.get(thing["id"].lower()) or self.cloud.get("/".join(thing["id"].split("/")[:-2]).lower())

    def in_doubt(self, id_):
        return "in_doubt" in self.holds.get(id_, ())

    def excused(self):
        """The objectives that cannot end as wanted: those in doubt, and what needs them or is needed by them."""
        names = {(o["batch"], o["name"]): o["id"] for o in self.objectives.values()}
        needs = {o["id"]: {names[o["batch"], name] for name in o.get("depends_on", ())}
                 for o in self.objectives.values()}
        found = {id_ for id_ in self.objectives if self.in_doubt(id_)}
        grown = True
        while grown:
            if PHASE == "empty":
                more = {need for id_ in found for need in needs[id_]} - found
            else:
                more = {id_ for id_, needed in needs.items() if needed & found} - found
            grown = bool(more)
            found |= more
        return found


def check_states(world):
    excused = world.excused()
    for id_, objective in world.objectives.items():
        if objective["state"] in ENDED or (PHASE == "storm" and objective["state"] == "held") or id_ in excused:
            continue
        why = ", ".join(sorted(world.holds.get(id_, ()))) or json.dumps(objective.get("failure"))
        yield f"{world.name(id_)} has not ended as it should: {why}"


def check_existing(world):
    for key, thing in world.cloud.items():
        if world.above(thing) is not None:
            continue
        id_ = (thing.get("tags") or {}).get(TAG)
        objective = world.objectives.get(id_)
        if objective is None:
            yield f"{thing['id']} exists and belongs to nobody"
        elif not world.in_doubt(id_):
            row = world.registered.get(key)
            if objective["state"] == "succeeded" and (row is None or row["state"] != "live"):
                yield f"{thing['id']} exists, but purser does not list it with {world.name(id_)}"
            elif objective["state"] != "succeeded" and key not in world.orphaned:
                yield f"{thing['id']} exists and is not listed as orphaned, though it is of {world.name(id_)}"


def check_listed(world):
    for key, row in world.registered.items():
        if row["state"] == "live" and key not in world.cloud and not world.in_doubt(row["objective"]):
            yield f"{row['id']} is listed as live with {world.name(row['objective'])}, but does not exist"


def check_made_once(world):
    """No thing is made, or written again, by another objective or another deployment than the one that made it."""
    made = collections.defaultdict(set)
    for count in world.counts:
        maker = None
        for event in count["events"]:
            if event["by"] == "parent":
                continue
            owner = event["tags"].get(TAG)
            if owner:
                made[owner].add(count["id"])
            if event["what"] == "deleted":
                maker = None
            elif maker is None:
                maker = (owner, event["by"])
            elif (owner, event["by"]) != maker:
                yield f"{count['id']} was made by {maker} and written by {(owner, event['by'])}"
    for id_, ids in made.items():
        objective = world.objectives.get(id_)
        if objective and len(ids) > AT_MOST.get(objective["capability"], 1):
            yield f"{world.name(id_)} made {len(ids)} things: {' '.join(sorted(ids))}"


def main():
    world = World()
    states = collections.Counter(objective["state"] for objective in world.objectives.values())
    holds = collections.Counter(reason for reasons in world.holds.values() for reason in reasons)
    print(f" {PHASE}: " + ", ".join(f"{number} {name}" for name, number in sorted(states.items()))
          + (" (" + ", ".join(f"{name} {number}" for name, number in sorted(holds.items())) + ")" if holds else "")
          + f"; {len(world.cloud)} things exist, {len(world.orphaned)} orphaned")
    wrong = [text for check in (check_states, check_existing, check_listed, check_made_once) for text in check(world)]
    if not world.objectives:
        wrong.append("there are no objectives")
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(bool(wrong))


main()
