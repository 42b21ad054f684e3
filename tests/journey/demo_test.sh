#!/bin/sh
# build: release -- what a newcomer runs
# The demo ends well, within its time, and leaves what it says, in a folder of its own.
out=$(mktemp -d)/demo
log=$out.log
n=0
bad=0

tell() { # STATUS NAME
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; bad=1; fi
}

echo 1..6
started=$(date +%s)
python3 "$CF_SOURCE/tools/demo" --out "$out" >"$log" 2>&1
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$log"
tell $status "the demo ends well"
test $(($(date +%s) - started)) -le 30
tell $? "it takes at most 30 s"
missing=0
for step in 1 2 3 4 5 6 7 8 9; do grep -q "^$step\. " "$log" || missing=1; done
tell $missing "it tells all nine steps"
missing=0
for name in receipt.png receipt.txt receipt.escpos coupon.png member-code.png; do test -s "$out/$name" || missing=1; done
tell $missing "receipt and pictures are left"
python3 "$CF_SOURCE/tools/demo" --out "$out" >"$log" 2>&1
status=$?
[ $status -eq 0 ] || sed 's/^/# /' "$log"
tell $status "it runs again into the same folder"
mkdir "$out.mine" && touch "$out.mine/letter"
! python3 "$CF_SOURCE/tools/demo" --out "$out.mine" >"$log" 2>&1 && test -e "$out.mine/letter"
tell $? "a folder with other things in it is left alone"
exit $bad
