#!/bin/sh
# A full disk stops the run; what was committed stays, and the next run goes on.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

mkdir "$work/small" "$work/groups"
export FAKE_AZ="$work/groups"
PATH="$srcdir/tests/fakes:$PATH"
mount -t tmpfs -o size=16m tmpfs "$work/small" > "$work/mount.log" 2>&1 ||
	skip_all "needs the right to mount a small file system"
trap 'umount "$work/small"; finish' EXIT
export PURSER_STATE_DIR="$work/small/state"

i=0
while [ "$i" -lt 40 ]; do
	printf '{"name":"g%d","capability":"resource_group","region":"eastus","resource_group":"rg-%d"}\n' "$i" "$i"
	i=$((i + 1))
done > "$work/many.jsonl"
exits 0 "forty objectives" "$PURSER" submit --batch many "$work/many.jsonl"
# All but some 200 kB are taken.
free=$(df -k --output=avail "$work/small" | tail -n 1)
head -c $(((free - 200) * 1024)) /dev/zero > "$work/small/ballast"
exits 5 "the run stops with exit status 5" "$PURSER" run --jobs 4
has "and says why" "$work/err" "disk is full"
rm "$work/small/ballast"
"$PURSER" run --wait 10s > "$work/again.log" 2>&1
"$PURSER" list --all --json > "$work/list.json"
grep failed "$work/again.log" | sed "s/^/# /"
is "with space again, every objective succeeds" "$(grep -o '"state":"succeeded"' "$work/list.json" | wc -l)" 40
is "and each group was created once" "$(sort "$FAKE_AZ.created" | uniq -d | wc -l)" 0
exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
