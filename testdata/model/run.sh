#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Searches qrcharge.pml with Spin: the configurations of the protocol as it is,
# in which no property may be violated, and one for each weakness, in which the
# property named here must be. README.md says what all of them are. Needs spin
# and gcc, 3 GiB of memory, and some minutes.
#
#	testdata/model/run.sh                 all
#	testdata/model/run.sh two RETIRE      those whose name contains one of the words
#	JOBS=1 testdata/model/run.sh          how many at once; 2
#	WIDE=600 testdata/model/run.sh wide   seconds that each bitstate search may take; 20
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
words=("$@")
jobs=${JOBS:-2}
wide=${WIDE:-20}
limit=${LIMIT:-500}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

base=(
	# NAME       DEFINITIONS
	"cuts        -DNORD=2 -DNID=3 -DCUTS=3"
	"three       -DNORD=3 -DNID=3 -DCUTS=3 -DENERGY=1"
	"four        -DNORD=4 -DNID=2 -DCUTS=3 -DENERGY=1"
	"two         -DNCH=2 -DNORD=2 -DNID=3 -DCUTS=2"
	"six         -DNCH=3 -DNORD=3 -DNID=3 -DCUTS=0 -DENERGY=0"
	"time        -DNORD=2 -DNID=2 -DCUTS=1 -DTIME -DTICKS=5 -DENERGY=1"
	"held        -DNCO=1 -DNORD=1 -DNID=2 -DCUTS=2 -DTIME -DTICKS=9"
	"images      -DNORD=2 -DNID=2 -DCUTS=1 -DIMAGES=2 -DPRUNE -DNREC=5"
	"receipts    -DNCO=1 -DNORD=2 -DNID=3 -DCUTS=0 -DIMAGES=1 -DPRUNE -DRECEIPTS -DNREC=5 -DENERGY=1"
	"stolen      -DNORD=2 -DNID=3 -DCUTS=1 -DSTOLEN -DTRUST -DPRUNE -DENERGY=1"
	"rolled      -DNORD=2 -DNID=2 -DCUTS=0 -DSTOLEN -DTRUST -DPRUNE -DIMAGES=1 -DNREC=5"
	"backup      -DNORD=2 -DNID=2 -DCUTS=1 -DSERVERLOSS -DPRUNE -DRECEIPTS"
	"disputes    -DNORD=2 -DNID=3 -DCUTS=1 -DDISPUTES -DPRUNE -DENERGY=1"
)

# As many chargers, connectors, orders and cuts as the protocol is searched for, all
# states of it: 12 bytes of a hash stand for each, as the states themselves would
# take 18 GB. That two of thirty million agree in these is not to be expected.
full=(
	"full        -DNCH=3 -DNORD=4 -DNID=3 -DCUTS=3 -DENERGY=1"
)

# With everything else too it is more than can be searched through: bits instead of states,
# each run another order and another hash, until its time is up.
everything="-DNCH=3 -DNORD=4 -DNID=5 -DCUTS=3 -DIMAGES=1 -DPRUNE -DRECEIPTS -DSTOLEN -DTRUST -DSERVERLOSS -DDISPUTES -DNREC=7"
timed="-DNCH=3 -DNORD=4 -DNID=5 -DCUTS=3 -DIMAGES=1 -DPRUNE -DTIME -DNREC=7"
broad=(
	"wide-1      $everything"
	"wide-2      $everything"
	"wide-timed  $timed"
)

weak=(
	# NAME          PROPERTY        DEFINITIONS
	"NO_AGE         P1_clock        -DNCO=1 -DNORD=1 -DNID=1 -DCUTS=0 -DTIME"
	"HELD           P1_clock        -DNCO=1 -DNORD=1 -DNID=1 -DCUTS=0 -DTIME"
	"RESUME         P1_clock        -DNCO=1 -DNORD=1 -DNID=1 -DCUTS=1 -DTIME"
	"RETIRE         P2_disclosure   -DNORD=2 -DNID=2 -DCUTS=0"
	"HEAD_OLD       P2_disclosure   -DNORD=2 -DNID=2 -DCUTS=0 -DNOEND"
	"OPEN_TAGS      P3_refund       -DNORD=1 -DNID=3 -DCUTS=0"
	"REFUND_GAP     P3_refund       -DNORD=2 -DNID=3 -DCUTS=0"
	"BOOT_ORDER     P3_refund       -DNORD=1 -DNID=2 -DCUTS=1"
	"BOOT_COUNTER   P3_refund       -DNORD=1 -DNID=3 -DCUTS=1"
	"RELAY          P3_refund       -DNORD=1 -DNID=2 -DCUTS=1 -DNOEND"
	"DROP           Q_accounted     -DNORD=1 -DNID=2 -DCUTS=1"
	"OLDEST         P3_refund       -DNORD=1 -DNID=2 -DCUTS=0"
	"IMAGE_REFUND   P3_refund       -DNORD=1 -DNID=2 -DCUTS=0 -DIMAGES=1"
	"NONCE_KEY      P4_rollback     -DNCO=1 -DNORD=1 -DNID=3 -DCUTS=1 -DIMAGES=1"
	"NO_FORK        P4_rollback     -DNORD=3 -DNID=3 -DCUTS=0 -DIMAGES=1 -DPRUNE -DRECEIPTS -DNREC=4 -DENERGY=0 -DNOEND"
	"ACK_HASH       P4_rollback     -DNORD=3 -DNID=3 -DCUTS=0 -DIMAGES=1 -DPRUNE -DRECEIPTS -DNREC=4 -DENERGY=0 -DNOEND"
	"ACK_UNSTORED   P4_rollback     -DNORD=3 -DNID=3 -DCUTS=0 -DPRUNE -DENERGY=1 -DNOEND"
	"ACK_RIGHT      P4_rollback     -DNORD=3 -DNID=3 -DCUTS=0 -DPRUNE -DSTOLEN -DENERGY=1"
	"OVERWRITE      P4_rollback     -DNORD=2 -DNID=2 -DCUTS=0 -DPRUNE -DENERGY=1"
	"ACK_LOWER      P5_liveness     -DNORD=2 -DNID=2 -DCUTS=0 -DSERVERLOSS"
	"ACK_AGREED     P5_liveness     -DNORD=1 -DNID=1 -DCUTS=0 -DDISPUTES"
	"STUCK          P5_liveness     -DNORD=2 -DNID=2 -DCUTS=1 -DIMAGES=1 -DNREC=5"
	"CHARGER        Q_once          -DNCH=2 -DNORD=1 -DNID=2 -DCUTS=0"
	"CONNECTOR      Q_once          -DNORD=1 -DNID=2 -DCUTS=0"
	"USED_LIST      P2_disclosure   -DNORD=2 -DNID=2 -DCUTS=0"
	"DUPLICATE      Q_charged_twice -DNORD=1 -DNID=1 -DCUTS=0"
	"HASH8          Q_accounted     -DNORD=2 -DNID=2 -DCUTS=0 -DNOEND"
	"T_ROLLBACK     Q_revoked       -DNORD=2 -DNID=2 -DCUTS=0 -DSTOLEN -DTRUST"
	"T_STRIPPED     Q_revoked       -DNORD=2 -DNID=2 -DCUTS=0 -DSTOLEN -DTRUST"
	"QUOTA          Q_revoked       -DNORD=2 -DNID=2 -DCUTS=0 -DSTOLEN -DTRUST"
)

selected() { # NAME
	local w
	((${#words[@]} == 0)) && return 0
	for w in "${words[@]}"; do [[ $1 == *"$w"* ]] && return 0; done
	return 1
}

# build makes a verifier of one configuration in a directory of its own.
build() { # DIR GCC-FLAGS... -- DEFINITIONS...
	local dir=$1 flags=()
	shift
	while [[ $1 != -- ]]; do flags+=("$1"); shift; done
	shift
	mkdir "$dir"
	cd "$dir"
	spin -a "$@" "$here/qrcharge.pml" >log 2>&1 && gcc -w -DSAFETY -DVECTORSZ=1024 -DMEMLIM=1800 "${flags[@]}" -o pan pan.c >>log 2>&1
}

# field prints a number of a verifier's report.
states() { awk '/states, stored/ { print $1 }' "$1"; }
depth() { awk -F '[ ,]+' '/depth reached/ { for (i = 1; i < NF; i++) if ($i == "reached") print $(i + 1) }' "$1"; }
violated() { sed -n 's/^pan:[0-9]*: assertion violated (\([A-Za-z0-9_]*\).*/\1/p' "$1" | head -n 1; }
row() { printf '%-13s %-10s %10s %6s %5s s  %s\n' "$@"; }

# complete tells whether a search went through all states. -E: that all chargers
# may rest is no deadlock.
complete() { grep -q '^State-vector' out && grep -q 'errors: 0' out && ! grep -q 'not completed\|max search depth too small\|out of memory' out; }

search_base() { search_whole exhaustive -DCOLLAPSE -w24 "$@"; }
search_full() { search_whole compact -DHC4 -w25 "$@"; }

search_whole() { # WORD STORAGE TABLE NAME DEFINITIONS...
	local word=$1 storage=$2 table=$3 name=$4 start=$SECONDS
	shift 4
	build "$tmp/$name" -O2 "$storage" -- "$@" || { row "$name" - - - - "FAILED: does not build"; return 1; }
	timeout -s INT "$limit" ./pan -E -m20000 -n "$table" >out 2>&1 || true
	if complete; then
		row "$name" "$word" "$(states out)" "$(depth out)" $((SECONDS - start)) "no violation"
	else
		row "$name" "$word" "$(states out)" "$(depth out)" $((SECONDS - start)) "FAILED: $(violated out) $(grep -m 1 'pan:' out)"
		return 1
	fi
}

search_broad() { # NAME DEFINITIONS...
	local name=$1 start=$SECONDS factor
	shift
	build "$tmp/$name" -O2 -DBITSTATE -DRANDOMIZE=${#name} -- "$@" || { row "$name" - - - - "FAILED: does not build"; return 1; }
	timeout -s INT "$wide" ./pan -E -m20000 -n -w30 -k3 -RS"$((${#name} * 7919 + $(cksum <<<"$name" | cut -c1-5)))" >out 2>&1 || true
	if grep -q 'errors: 0' out && [[ $(states out) -gt 1000 ]]; then
		factor=$(sed -n 's/^hash factor: \([0-9.]*\).*/\1/p' out)
		row "$name" bitstate "$(states out)" "$(depth out)" $((SECONDS - start)) "no violation in what was searched, hash factor $factor"
	else
		row "$name" bitstate "$(states out)" "$(depth out)" $((SECONDS - start)) "FAILED: $(violated out) $(grep -m 1 'pan:' out)"
		return 1
	fi
}

search_weak() { # NAME PROPERTY DEFINITIONS...
	local name=$1 property=$2 start=$SECONDS found speed=-O0
	shift 2
	if [[ $* == *RECEIPTS* ]]; then speed=-O2; fi # a long search; the others take less than a compiler
	build "$tmp/$name" $speed -- "-DWEAK_$name" "$@" || { row "$name" - - - - "FAILED: does not build"; return 1; }
	./pan -E -m20000 -n >out 2>&1 || true
	found=$(violated out)
	if [[ $found == "$property" ]]; then
		row "$name" weakness "$(states out)" "$(depth out)" $((SECONDS - start)) "found, by $found"
	else
		row "$name" weakness "$(states out)" "$(depth out)" $((SECONDS - start)) "FAILED: $property is not violated first, but: $found"
		return 1
	fi
}

# all runs each row of a table, some at a time, and prints what they say.
all() { # FUNCTION ROWS...
	local search=$1 line
	shift
	for line in "$@"; do
		selected "${line%% *}" || continue
		while (($(jobs -rp | wc -l) >= jobs)); do wait -n || true; done
		# shellcheck disable=SC2086 # several words
		(set +e; $search $line && touch "$tmp/passed.${line%% *}") &
		ran=$((ran + 1))
	done
	wait
}

ran=0
spin -V
row configuration search states depth time verdict
all search_full "${full[@]}"
all search_base "${base[@]}"
all search_broad "${broad[@]}"
all search_weak "${weak[@]}"
((ran > 0)) || { echo "nothing is called that"; exit 1; }
passed=$(find "$tmp" -maxdepth 1 -name 'passed.*' | wc -l)
echo "$passed of $ran searches as they should be, in $SECONDS s"
((passed == ran))
