#!/bin/sh
# Certificates across implementations: what one writes, the other and the openssl command read, trust and issue from;
# what is foreign to both, both refuse.
set -u
tools=$CF_BUILD/tests/unit/crypto
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
number=0

# check NAME COMMAND...: one TAP line, ok if the command succeeds
check() {
    name=$1
    shift
    number=$((number + 1))
    if "$@" >"$work/output" 2>&1; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        sed 's/^/# /' "$work/output"
    fi
}
refused() {
    ! "$@"
}
same_reading() {
    a=$("$tools/tool_mbedtls" read "$@") && b=$("$tools/tool_openssl" read "$@") || return 1
    printf '%s\n' "$a" "--" "$b"
    [ "$a" = "$b" ] && ! echo "$a" | grep -q refused
}
both_refuse() {
    [ "$("$tools/tool_mbedtls" read "$1")" = refused ] && [ "$("$tools/tool_openssl" read "$1")" = refused ]
}

for pair in mbedtls:openssl openssl:mbedtls; do
    one=${pair%:*}
    other=${pair#*:}
    folder=$work/$one
    mkdir "$folder"
    check "$one issues an authority and its certificates" "$tools/tool_$one" issue "$folder"
    check "both read alike what $one wrote" same_reading "$folder"/*.pem "$folder"/*.req "$folder"/*.key
    check "$other issues by the authority and to the request of $one" "$tools/tool_$other" issue-from "$folder"
    trust="openssl verify -x509_strict -check_ss_sig -CAfile $folder/ca.pem"
    check "openssl trusts the authority of $one" $trust "$folder/ca.pem"
    check "openssl trusts the server of $one by name" $trust -purpose sslserver -verify_hostname localhost "$folder/server.pem"
    check "openssl trusts the server of $one by address" $trust -purpose sslserver -verify_ip 127.0.0.1 "$folder/server.pem"
    check "openssl trusts the client of $one" $trust -purpose sslclient "$folder/client.pem"
    check "openssl trusts the client that $other issued" $trust -purpose sslclient "$folder/other.pem"
    check "a client of $one, which may be the hub of its store, serves" $trust -purpose sslserver "$folder/client.pem"
    check "a server of $one is no client" refused $trust -purpose sslclient "$folder/server.pem"
    check "a server of $one has no other name" refused $trust -verify_hostname central "$folder/server.pem"
    check "openssl accepts the request of $one" openssl req -verify -noout -in "$folder/client.req"
    check "openssl accepts the key of $one" openssl pkey -check -noout -in "$folder/client.key"
    cp "$folder/client.key" "$folder/ca.key"
    check "$other does not issue by another key" refused "$tools/tool_$other" issue-from "$folder"
    cp "$folder/client.pem" "$folder/ca.pem"
    check "$other does not issue by a client's certificate" refused "$tools/tool_$other" issue-from "$folder"
done

key=$work/p256.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$key" 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$work/p384.key" 2>/dev/null
openssl genpkey -algorithm RSA -out "$work/rsa.key" 2>/dev/null
openssl genpkey -algorithm ED25519 -out "$work/ed25519.key" 2>/dev/null
openssl pkcs8 -topk8 -in "$key" -passout pass:secret -out "$work/encrypted.key"
for algorithm in p384 rsa ed25519; do
    openssl req -x509 -new -key "$work/$algorithm.key" -subj /CN=x -set_serial 5 -out "$work/$algorithm.pem" 2>/dev/null
    openssl req -new -key "$work/$algorithm.key" -subj /CN=x -out "$work/$algorithm.req" 2>/dev/null
    for kind in key pem req; do
        check "a $kind of $algorithm is refused by both" both_refuse "$work/$algorithm.$kind"
    done
done
check "an encrypted key is refused by both" both_refuse "$work/encrypted.key"

# certificate NAME OPTION...: self-signed by the P-256 key
certificate() {
    name=$1
    shift
    openssl req -x509 -new -key "$key" -out "$work/$name.pem" "$@" 2>/dev/null
}
certificate plain -subj /O=Other/CN=plain -set_serial 0xffffffffffffffff
check "a plain certificate of openssl is read alike by both" same_reading "$work/plain.pem" "$key"
certificate serial -subj /CN=x -set_serial 0x10000000000000000
check "a serial number of 65 bits is refused by both" both_refuse "$work/serial.pem"
certificate two -subj /CN=one/CN=two -set_serial 1
check "two common names are refused by both" both_refuse "$work/two.pem"
certificate none -subj /O=nobody -set_serial 1
check "no common name is refused by both" both_refuse "$work/none.pem"
certificate chinese -utf8 -subj /CN=店 -set_serial 1
check "a common name beyond ASCII is refused by both" both_refuse "$work/chinese.pem"
openssl req -new -key "$key" -sha384 -subj /CN=x -out "$work/sha384.req" 2>/dev/null
check "a request signed with SHA-384 is refused by both" both_refuse "$work/sha384.req"
openssl req -new -key "$key" -subj /CN=till -out "$work/good.req" 2>/dev/null
check "a request of openssl is read alike by both" same_reading "$work/good.req"
openssl x509 -in "$work/plain.pem" -text >"$work/text.pem"
check "text around a PEM is refused by both" both_refuse "$work/text.pem"
cat "$work/plain.pem" "$work/plain.pem" >"$work/double.pem"
check "two certificates in a file are refused by both" both_refuse "$work/double.pem"
openssl x509 -in "$work/plain.pem" -outform DER -out "$work/plain.der"
{ echo "-----BEGIN CERTIFICATE-----"; { cat "$work/plain.der"; printf '\000'; } | openssl base64; echo "-----END CERTIFICATE-----"; } >"$work/trailing.pem"
check "a byte after the certificate is refused by both" both_refuse "$work/trailing.pem"
check "a picture is refused by both" both_refuse "$work/plain.der"
echo "1..$number"
