#!/bin/sh
# Makes what is released for the system it runs on, into target/dist, with SHA256SUMS: rotescope-VERSION-SYSTEM-MACHINE.tar.gz, and on Debian and Ubuntu a package (needs
# dpkg-dev). For Linux on x86-64 the program is built twice, for processors of level 3 (AVX2: 2013 and later) and for all others, with a launcher that takes the one that
# fits; that takes about twice as long as `make build`. Elsewhere once. With it come completions, the manual page and an inventory of what is built in.
# LEVELS="x86-64-v3": these processors alone, as rustc names them (`rustc --print target-cpus`).
set -eu
cd "$(dirname "$0")/.."

version="$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)"
ROTESCOPE_COMMIT="$(git rev-parse --short=12 HEAD)"
export ROTESCOPE_COMMIT
system="$(uname -s | tr '[:upper:]' '[:lower:]' | sed 's/darwin/macos/')-$(uname -m | sed 's/arm64/aarch64/')"
case "$system" in
linux-x86_64) levels="${LEVELS:-x86-64-v3 x86-64}" ;;
macos-aarch64) levels="${LEVELS:-apple-m1}" ;;
*) levels="${LEVELS:-generic}" ;;
esac
target="${CARGO_TARGET_DIR:-$PWD/target}"
name="rotescope-$version-$system"
dist="$PWD/target/dist"
tree="$dist/$name"
rm -rf "$dist"
mkdir -p "$tree/bin" "$tree/lib/rotescope" "$tree/share/doc/rotescope"

for level in $levels; do
	CARGO_TARGET_DIR="$target/level/$level" RUSTFLAGS="-C target-cpu=$level" "${CARGO:-cargo}" build --release --locked --bin rotescope
	strip -o "$tree/lib/rotescope/rotescope-$level" "$target/level/$level/release/rotescope"
done

case "$levels" in
*" "*)
	cat >"$tree/bin/rotescope" <<'LAUNCHER'
#!/bin/sh
# Takes the program that was built for this processor.
self="$(readlink -f "$0")"
programs="$(dirname "$(dirname "$self")")/lib/rotescope"
level=x86-64-v3
for flag in avx2 fma bmi2 f16c movbe abm; do
	grep -qw -m 1 "$flag" /proc/cpuinfo || level=x86-64
done
[ -x "$programs/rotescope-$level" ] || level=x86-64
exec "$programs/rotescope-$level" "$@"
LAUNCHER
	chmod 755 "$tree/bin/rotescope"
	;;
*)
	mv "$tree/lib/rotescope/rotescope-$levels" "$tree/bin/rotescope"
	rm -r "$tree/lib"
	;;
esac

run="$tree/bin/rotescope"
mkdir -p "$tree/share/man/man1" "$tree/share/bash-completion/completions" "$tree/share/zsh/site-functions" "$tree/share/fish/vendor_completions.d"
"$run" man >"$tree/share/man/man1/rotescope.1"
"$run" completions bash >"$tree/share/bash-completion/completions/rotescope"
"$run" completions zsh >"$tree/share/zsh/site-functions/_rotescope"
"$run" completions fish >"$tree/share/fish/vendor_completions.d/rotescope.fish"
cp README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT SECURITY.md "$tree/share/doc/rotescope/"
scripts/sbom.sh >"$tree/share/doc/rotescope/rotescope.cdx.json"
tar -C "$dist" -czf "$dist/$name.tar.gz" "$name"

sums() {
	cd "$dist"
	sum="$(command -v sha256sum || echo shasum -a 256)"
	# shellcheck disable=SC2086 # words
	find . -maxdepth 1 -type f -name 'rotescope*' -exec $sum {} + >SHA256SUMS
	ls -l
}
if ! command -v dpkg-shlibdeps >/dev/null; then
	sums
	exit
fi

# The same below /usr.
architecture="$(dpkg --print-architecture)"
package="$dist/deb"
mkdir -p "$package/DEBIAN" "$package/usr"
cp -r "$tree"/* "$package/usr/"
mv "$package/usr/share/zsh/site-functions" "$package/usr/share/zsh/vendor-completions"
cat LICENSE-MIT LICENSE-APACHE >"$package/usr/share/doc/rotescope/copyright"
gzip -9n "$package/usr/share/man/man1/rotescope.1"
# Which libraries, and how new they must be: what the programs ask of them.
mkdir "$package/debian"
touch "$package/debian/control"
programs="$(cd "$package" && find usr -type f -perm -u+x -size +1M)"
# shellcheck disable=SC2086 # names without blanks
depends="$(cd "$package" && dpkg-shlibdeps -O $programs 2>/dev/null | sed 's/^shlibs:Depends=//')"
rm -r "$package/debian"
cat >"$package/DEBIAN/control" <<CONTROL
Package: rotescope
Version: $version
Architecture: $architecture
Maintainer: The rotescope developers <rotescope@users.noreply.invalid>
Installed-Size: $(du -sk "$package/usr" | cut -f 1)
Depends: $depends
Section: science
Priority: optional
Description: see how much of a language model's reasoning is rote
 Streams a reasoning chain of any GGUF model through llama.cpp and colors each
 token by its memorization source, from an exact index of a corpus. A small
 model, its corpus and prompts are built in.
CONTROL
dpkg-deb --root-owner-group -Zxz --build "$package" "$dist/rotescope_${version}_$architecture.deb" >/dev/null
rm -rf "$package"
sums
