#!/usr/bin/env bash
# Leaves of ICU's data what libmongoc reads: the profile that prepares passwords (RFC 4013), and the normalization
# that it builds on. The rest is locales, time zones and charsets. Usage: icu.sh LIBRARY
set -euo pipefail
library=$1
tables=(rfc4013.spp nfkc.nrm)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/all" "$work/kept"

# The data is one object in the library, in the format of a package; its symbol is named for ICU's version.
read -r address size _ symbol < <(nm --dynamic --print-size --defined-only "$library" | grep ' icudt')
read -r start offset < <(
  readelf --wide --sections "$library" | sed 's/^ *\[ *[0-9]*\]//' | awk '$1 == ".rodata" { print $3, $4 }')
package=${symbol%_dat}l.dat
dd if="$library" of="$work/all/$package" bs=1M iflag=skip_bytes,count_bytes status=none \
  skip=$((16#$address - 16#$start + 16#$offset)) count=$((16#$size))

printf '%s\n' "${tables[@]}" >"$work/tables.txt"
icupkg --destdir "$work" --extract "$work/tables.txt" "$work/all/$package"
(cd "$work" && icupkg --add tables.txt new "kept/$package")

cat >"$work/data.s" <<END
.section .rodata
.balign 16
.globl $symbol
.type $symbol, @object
$symbol: .incbin "$work/kept/$package"
.size $symbol, . - $symbol
.section .note.GNU-stack, "", @progbits
END
clang -shared -nostdlib -Wl,-soname,"$(basename "$library")" -o "$library" "$work/data.s"
