"""The answers of the sandbox as tables for people."""

from . import clock

WIDTH = 100


def table(header, rows, indent=""):
    """Lines with aligned columns. The last column is not padded."""
    rows = [[str(cell) for cell in row] for row in [header] + rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    return [indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def brief_type(type_):
    """A type without what its name already shows: the word Microsoft, and the types of its parents."""
    parts = type_.removeprefix("Microsoft.").split("/")
    return "/".join([parts[0], "...", parts[-1]] if len(parts) > 2 else parts)


def brief_id(id_):
    """An id without the subscription and the words that are always the same."""
    parts = id_.split("/")[3:]
    if parts and parts[0].lower() == "resourcegroups":
        parts = parts[1:]
    return "/".join(part for part in parts if part != "providers").replace("/Microsoft.", "/")


def tags_text(tags):
    return " ".join(f"{name}={value}" for name, value in sorted((tags or {}).items()))


def dump(state):
    """Each group with its resources below it."""
    if not state["groups"] and not state["resources"]:
        return ["nothing exists"]
    lines = []
    for group in sorted(state["groups"], key=lambda group: group["name"].lower()):
        lines += dump_group(group, [resource for resource in state["resources"] if in_group(resource, group)])
        lines.append("")
    others = [resource for resource in state["resources"]
              if not any(in_group(resource, group) for group in state["groups"])]
    if others:
        lines += ["(in no group)"] + resource_lines(others)
    return lines[:-1] if lines[-1] == "" else lines


def in_group(resource, group):
    return resource["id"].lower().startswith(group["id"].lower() + "/")


def dump_group(group, resources):
    heading = [group["name"], group["location"], group["properties"]["provisioningState"],
               "created " + clock.short(group["createdTime"]), tags_text(group.get("tags"))]
    lines = ["  ".join(part for part in heading if part)]
    return lines + (resource_lines(resources) if resources else ["  (empty)"])


def resource_lines(resources):
    rows, tags = [], []
    for resource in sorted(resources, key=lambda resource: resource["id"].lower()):
        name = brief_name(resource)
        rows.append([name, brief_type(resource["type"]), resource.get("location", "-"),
                     resource["properties"]["provisioningState"], clock.short(resource["createdTime"])])
        tags.append(tags_text(resource.get("tags")))
    lines = table(["NAME", "TYPE", "LOCATION", "STATE", "CREATED"], rows, "  ")
    out = lines[:1]
    for line, text in zip(lines[1:], tags):
        if text and len(line) + 2 + len(text) <= WIDTH:
            out.append(f"{line}  {text}")
        else:
            out.append(line)
            if text:
                out.append(f"      {text}")
    return out


def brief_name(resource):
    """The names of all levels: VNET/SUBNET."""
    return "/".join(resource["id"].split("/providers/")[-1].split("/")[2::2])


def counts(entries):
    rows = [[entry["created"], entry["put"], entry["deleted"], brief_id(entry["id"])] for entry in entries]
    return table(["CREATED", "PUT", "DELETED", "RESOURCE"], rows)


def applied(counts):
    return table(["APPLIED", "KIND"], [[count, kind] for kind, count in counts.items()])


def journal(entries):
    rows = [[entry["number"], clock.short(entry["time"]), entry["method"],
             entry["status"] if entry["status"] is not None else "none", entry["fault"] or "-",
             shortened(entry["path"])] for entry in entries]
    return table(["NO", "TIME", "METHOD", "STATUS", "FAULT", "PATH"], rows)


def shortened(path):
    """A path without the id of the subscription."""
    parts = path.split("/")
    if len(parts) > 2 and parts[1].lower() == "subscriptions":
        return "/".join(["", "..."] + parts[3:])
    return path


def fault_list(entries):
    if not entries:
        return ["no faults"]
    rows = [[entry["number"], entry["kind"], ",".join(entry["methods"]) or "any",
             f"{entry['applied']}/{entry['times'] or 'any'}", entry["after"], entry["match"]] for entry in entries]
    return table(["NO", "KIND", "METHOD", "APPLIED", "AFTER", "MATCH"], rows)
