// SPDX-License-Identifier: Apache-2.0

package keyfile

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/seed81979277/qrcharge/qrproto"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
)

// Work factors of scrypt, as the logarithm of its N to the base 2; r is 8 and p
// is 1. Memory is 2^(factor + 10) bytes.
const (
	// WorkFactor is what Encrypt writes: 128 MiB, some tenths of a second.
	WorkFactor = 17
	// MinWorkFactor is the least that Decrypt takes: 32 MiB.
	MinWorkFactor = 15
	// MaxWorkFactor is the most that Decrypt takes, and what the age program
	// writes: 256 MiB, a second.
	MaxWorkFactor = 18
)

// The header of an age file for one passphrase has one shape but for its salt
// and its work factor:
//
//	age-encryption.org/v1
//	-> scrypt <salt, 16 bytes> <work factor>
//	<file key, 16 bytes, encrypted under the passphrase: 32 bytes>
//	--- <HMAC of all above, under the file key: 32 bytes>
//
// Bytes are base64 without padding. A nonce of 16 bytes and the encrypted
// content follow.
const (
	ageVersion = "age-encryption.org/v1"
	ageStanza  = "\n-> scrypt "
	ageMAC     = "\n---"

	saltSize    = 16
	fileKeySize = 16
	nonceSize   = 16
)

// Encrypt writes a private key as an age file that the passphrase opens. Random
// gives 48 bytes. It fails as EncodeJWK does, with qrproto.ErrPassphrase for an
// empty passphrase, and with the error of random.
//
// A passphrase is its bytes; whoever lets people type others than ASCII should
// bring them into one form of Unicode first.
func Encrypt(p *Private, passphrase string, random io.Reader) ([]byte, error) {
	content, err := EncodeJWK(p)
	if err != nil {
		return nil, err
	}
	return encrypt(content, passphrase, WorkFactor, random)
}

func encrypt(content []byte, passphrase string, factor int, random io.Reader) ([]byte, error) {
	if passphrase == "" {
		return nil, &qrproto.Error{Code: qrproto.ErrPassphrase, Why: "none"}
	}
	var drawn [saltSize + fileKeySize + nonceSize]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return nil, err
	}
	salt, fileKey, nonce := drawn[:saltSize], drawn[saltSize:saltSize+fileKeySize], drawn[saltSize+fileKeySize:]
	wrapping, err := wrappingKey(passphrase, salt, factor)
	if err != nil {
		return nil, err
	}
	header := ageHeader(salt, factor, sealOnce(wrapping, 0, fileKey))
	mac := headerMAC(fileKey, header)
	file := fmt.Appendf(nil, "%s %s\n%s", header, base64.RawStdEncoding.EncodeToString(mac), nonce)
	return append(file, sealOnce(derive(fileKey, nonce, "payload"), 1, content)...), nil
}

func ageHeader(salt []byte, factor int, wrapped []byte) string {
	text := base64.RawStdEncoding.EncodeToString
	return ageVersion + ageStanza + text(salt) + " " + strconv.Itoa(factor) + "\n" + text(wrapped) + ageMAC
}

// wrappingKey is the key that the passphrase gives. The factor is within its
// bounds.
func wrappingKey(passphrase string, salt []byte, factor int) ([]byte, error) {
	labelled := append([]byte(ageVersion+"/scrypt"), salt...)
	return scrypt.Key([]byte(passphrase), labelled, 1<<factor, 8, 1, chacha20poly1305.KeySize)
}

// derive is HKDF-SHA-256 (RFC 5869).
func derive(fileKey, salt []byte, info string) []byte {
	key, err := hkdf.Key(sha256.New, fileKey, salt, info, chacha20poly1305.KeySize)
	if err != nil {
		panic(err) // 32 bytes are not too many
	}
	return key
}

func headerMAC(fileKey []byte, header string) []byte {
	h := hmac.New(sha256.New, derive(fileKey, nil, "header"))
	h.Write([]byte(header))
	return h.Sum(nil)
}

// sealOnce encrypts under a key that is used for nothing else, so that the nonce
// may be fixed: zeros, and in the last byte whether this is the last piece of a
// file.
func sealOnce(key []byte, last byte, content []byte) []byte {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err) // keys have the right size
	}
	nonce := [chacha20poly1305.NonceSize]byte{chacha20poly1305.NonceSize - 1: last}
	return aead.Seal(nil, nonce[:], content, nil)
}

func openOnce(key []byte, last byte, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		panic(err) // keys have the right size
	}
	nonce := [chacha20poly1305.NonceSize]byte{chacha20poly1305.NonceSize - 1: last}
	return aead.Open(nil, nonce[:], sealed, nil)
}

// ageFile is an encrypted file, taken apart.
type ageFile struct {
	salt, wrapped, mac, nonce, sealed []byte
	factor                            int
}

var errNotAge = errors.New("not an age file for one passphrase")

// parseAge reads the one shape of a file. What it reads is written again and
// compared, so that no second spelling passes.
func parseAge(file []byte) (*ageFile, error) {
	lines := bytes.SplitN(file, []byte("\n"), 5)
	if len(lines) != 5 || string(lines[0]) != ageVersion {
		return nil, errNotAge
	}
	stanza, end := bytes.Split(lines[1], []byte(" ")), bytes.Split(lines[3], []byte(" "))
	if len(stanza) != 4 || len(end) != 2 || len(lines[4]) < nonceSize+chacha20poly1305.Overhead {
		return nil, errNotAge
	}
	a := &ageFile{nonce: lines[4][:nonceSize], sealed: lines[4][nonceSize:]}
	var errs [4]error
	a.salt, errs[0] = base64.RawStdEncoding.Strict().DecodeString(string(stanza[2]))
	a.wrapped, errs[1] = base64.RawStdEncoding.Strict().DecodeString(string(lines[2]))
	a.mac, errs[2] = base64.RawStdEncoding.Strict().DecodeString(string(end[1]))
	a.factor, errs[3] = strconv.Atoi(string(stanza[3]))
	if errors.Join(errs[:]...) != nil || len(a.salt) != saltSize || len(a.wrapped) != fileKeySize+chacha20poly1305.Overhead {
		return nil, errNotAge
	}
	again := ageHeader(a.salt, a.factor, a.wrapped) + " " + base64.RawStdEncoding.EncodeToString(a.mac) + "\n"
	if !bytes.HasPrefix(file, []byte(again)) {
		return nil, errNotAge
	}
	return a, nil
}

// Decrypt reads the private key in a file that Encrypt or the age program wrote.
//
// It fails with qrproto.ErrTooLarge above MaxFile and with qrproto.ErrKeyFile if
// the file has not the shape of an age file for one passphrase, with
// qrproto.ErrKeyCost if its work factor is out of bounds, all before any work is
// done; with qrproto.ErrPassphrase if the passphrase does not open it or what is
// in it was altered; and as DecodeJWK does if what is in it is no private JWK.
func Decrypt(file []byte, passphrase string) (*Private, error) {
	content, err := decrypt(file, passphrase)
	if err != nil {
		return nil, err
	}
	return DecodeJWK(content)
}

func decrypt(file []byte, passphrase string) ([]byte, error) {
	if len(file) > MaxFile {
		return nil, &qrproto.Error{Code: qrproto.ErrTooLarge}
	}
	a, err := parseAge(file)
	if err != nil {
		return nil, unreadable(err)
	}
	if a.factor < MinWorkFactor || a.factor > MaxWorkFactor {
		return nil, &qrproto.Error{Code: qrproto.ErrKeyCost, Why: fmt.Sprintf("scrypt with a work factor of %d", a.factor)}
	}
	return a.open(passphrase)
}

func (a *ageFile) open(passphrase string) ([]byte, error) {
	wrapping, err := wrappingKey(passphrase, a.salt, a.factor)
	if err != nil {
		return nil, err
	}
	fileKey, err := openOnce(wrapping, 0, a.wrapped)
	if err != nil {
		return nil, &qrproto.Error{Code: qrproto.ErrPassphrase, Err: err}
	}
	if !hmac.Equal(a.mac, headerMAC(fileKey, ageHeader(a.salt, a.factor, a.wrapped))) {
		return nil, &qrproto.Error{Code: qrproto.ErrPassphrase, Why: "the header was altered"}
	}
	content, err := openOnce(derive(fileKey, a.nonce, "payload"), 1, a.sealed)
	if err != nil {
		return nil, &qrproto.Error{Code: qrproto.ErrPassphrase, Why: "the content was altered", Err: err}
	}
	return content, nil
}
