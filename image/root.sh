#!/bin/sh
# Puts together the image's root out of the Debian that this runs in: two programs, the libraries that they load, certificate authorities, time zones, a user.
#
#   root.sh DIR PROGRAM
set -eu
umask 022
root=$1 program=$2

take() { # file... : under its own name, whatever it is a link to, and with it the licence and the record of the package that it is from
    for file in "$@"; do
        case $file in
            /lib*) file=/usr$file ;;
        esac
        mkdir -p "$root${file%/*}"
        cp -aT "$(readlink -f "$file")" "$root$file"
        package=$(dpkg-query --search "$(readlink -f "$file")" 2>/dev/null | head -n 1 | cut -d: -f1)
        [ -z "$package" ] || record "$package"
    done
}

# Where scanners look for what an image without a package manager is made of.
record() { # package
    mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$1"
    dpkg-query --status "$1" >"$root/var/lib/dpkg/status.d/$1"
    cp "/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/"
}

mkdir -p "$root/usr/bin" "$root/usr/lib64"
for directory in bin lib lib64; do
    ln -s "usr/$directory" "$root/$directory"
done
install -d -m 1777 "$root/tmp"

install -m 0755 "$program" "$root/usr/bin/stepper"
take /usr/bin/ssh
# The loader knows what a program is linked with. OpenSSL is no part of that: .NET looks for it when TLS is first spoken.
tls=$(ldconfig -p | awk '$1 == "libssl.so.3" { print $NF; exit }')
# shellcheck disable=SC2046 # paths of libraries have no blanks
take "$tls" $(ldd /usr/bin/ssh "$program" "$tls" | grep -o '/[^ :]*\.so[^ :]*' | sort -u)

take /etc/ssl/certs/ca-certificates.crt /usr/share/zoneinfo
record ca-certificates
mkdir -p "$root/usr/lib/ssl"
ln -s /etc/ssl/certs "$root/usr/lib/ssl/certs"

# ssh refuses a user that has no name.
echo 'stepper:x:10001:10001::/tmp:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'stepper:x:10001:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
