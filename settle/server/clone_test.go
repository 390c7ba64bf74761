// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"reflect"
	"testing"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/server"
)

// fill gives everything below v a value that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	default:
		if v.CanInt() {
			v.SetInt(1)
		} else if v.CanUint() {
			v.SetUint(1)
		}
	}
}

// shared calls found for what of a and b is the same memory.
func shared(a, b reflect.Value, path string, found func(path string)) {
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if a.IsNil() || b.IsNil() {
			return
		}
		if a.Pointer() == b.Pointer() {
			found(path)
			return
		}
	}
	switch a.Kind() {
	case reflect.Pointer:
		shared(a.Elem(), b.Elem(), path, found)
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			shared(a.Index(i), b.Index(i), path+"[]", found)
		}
	case reflect.Map:
		for _, key := range a.MapKeys() {
			shared(a.MapIndex(key), b.MapIndex(key), path+"[]", found)
		}
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[qrproto.Code]() {
			return // nothing can change it
		}
		for i := range a.NumField() {
			shared(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name, found)
		}
	}
}

// TestClonesAreEqualAndShareNothing: a store that hands out clones keeps what it has.
func TestClonesAreEqualAndShareNothing(t *testing.T) {
	var (
		order  server.Order
		device server.Device
	)
	fill(reflect.ValueOf(&order).Elem())
	fill(reflect.ValueOf(&device).Elem())
	for name, pair := range map[string][2]any{"order": {&order, order.Clone()}, "device": {&device, device.Clone()},
		"no order": {&server.Order{}, (&server.Order{}).Clone()}, "no device": {&server.Device{}, (&server.Device{}).Clone()}} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %+v became %+v", name, pair[0], pair[1])
		}
		shared(reflect.ValueOf(pair[0]), reflect.ValueOf(pair[1]), name, func(path string) { t.Errorf("%s is shared", path) })
	}
}
