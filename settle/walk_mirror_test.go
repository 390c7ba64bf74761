// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"encoding/binary"
	"hash/maphash"
	"reflect"
	"sync"
	"unsafe"

	"github.com/seed81979277/qrcharge/qrproto"
	"github.com/seed81979277/qrcharge/settle/charger"
	"github.com/seed81979277/qrcharge/settle/server"
	"github.com/seed81979277/qrcharge/settle/settletest"
	"github.com/seed81979277/qrcharge/tariff"
)

// A walk goes many ways from one state, so it must copy a running charger, and
// tell whether it has met the same one before. Neither is for a charger to offer.
// A mirror does both from outside, field by field, whatever the fields are.

// frozen are the types of which nothing changes once it is made: a copy shares
// them, and what tells states apart has their hashes anyway.
var frozen = map[reflect.Type]bool{
	reflect.TypeFor[charger.Device]():                 true,
	reflect.TypeFor[charger.Options]():                true,
	reflect.TypeFor[settletest.ProviderOptions]():     true,
	reflect.TypeFor[qrproto.KeyList]():                true,
	reflect.TypeFor[*qrproto.Key]():                   true,
	reflect.TypeFor[*qrproto.StartOrder]():            true,
	reflect.TypeFor[*qrproto.Trust]():                 true,
	reflect.TypeFor[*tariff.Plan]():                   true,
	reflect.TypeFor[map[qrproto.Ref]*tariff.Tariff](): true,
	reflect.TypeFor[sync.Mutex]():                     true,
	reflect.TypeFor[sync.RWMutex]():                   true,
}

// stored are what a store never changes in place. They are shared, and count.
var stored = map[reflect.Type]bool{
	reflect.TypeFor[*server.Order]():  true,
	reflect.TypeFor[*server.Device](): true,
	reflect.TypeFor[server.Record]():  true,
}

// mirror is how the values of one type are copied and told apart.
type mirror struct {
	// part makes a value that was copied flat share nothing that changes; nil
	// where a flat copy does.
	part func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value)
	// print appends the value to bytes that equal values have in common.
	print func(b []byte, p unsafe.Pointer) []byte
}

var mirrors = map[reflect.Type]*mirror{}

// mirrorOf makes the mirror of a type. What is behind an interface or a function
// belongs to the walk, and stays.
func mirrorOf(t reflect.Type) *mirror {
	if m := mirrors[t]; m != nil {
		return m
	}
	m := &mirror{}
	mirrors[t] = m
	switch k := t.Kind(); {
	case frozen[t] || k == reflect.Interface || k == reflect.Func:
		m.print = func(b []byte, _ unsafe.Pointer) []byte { return b }
	case k == reflect.Pointer:
		m.pointer(t)
	case k == reflect.Slice:
		m.slice(t)
	case k == reflect.Map:
		m.table(t)
	case k == reflect.Struct:
		m.record(t)
	case k == reflect.Array:
		m.array(t)
	case k == reflect.String:
		m.print = func(b []byte, p unsafe.Pointer) []byte {
			s := *(*string)(p)
			return append(binary.AppendUvarint(b, uint64(len(s))), s...)
		}
	default:
		size := t.Size()
		m.print = func(b []byte, p unsafe.Pointer) []byte { return append(b, unsafe.Slice((*byte)(p), size)...) }
	}
	if stored[t] {
		m.part = nil
	}
	return m
}

// at makes a value addressable that reflection would not let touch.
func at(t reflect.Type, p unsafe.Pointer) reflect.Value { return reflect.NewAt(t, p).Elem() }

func (m *mirror) pointer(t reflect.Type) {
	elem := mirrorOf(t.Elem())
	m.part = func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value) {
		old := *(*unsafe.Pointer)(p)
		if old == nil {
			return
		}
		out, ok := known[old]
		if !ok {
			out = reflect.New(t.Elem())
			known[old] = out
			out.Elem().Set(at(t.Elem(), old))
			if elem.part != nil {
				elem.part(out.UnsafePointer(), known)
			}
		}
		at(t, p).Set(out.Convert(t))
	}
	m.print = func(b []byte, p unsafe.Pointer) []byte {
		if old := *(*unsafe.Pointer)(p); old != nil {
			return elem.print(append(b, 1), old)
		}
		return append(b, 0)
	}
}

func (m *mirror) slice(t reflect.Type) {
	elem, size := mirrorOf(t.Elem()), t.Elem().Size()
	m.part = func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value) {
		old := at(t, p)
		if old.IsNil() {
			return
		}
		out := reflect.MakeSlice(t, old.Len(), old.Len())
		reflect.Copy(out, old)
		for i := range out.Len() {
			if elem.part == nil {
				break
			}
			elem.part(out.Index(i).Addr().UnsafePointer(), known)
		}
		old.Set(out)
	}
	m.print = func(b []byte, p unsafe.Pointer) []byte {
		n := at(t, p).Len()
		b = binary.AppendUvarint(b, uint64(n))
		first := *(*unsafe.Pointer)(p)
		if size == 1 {
			return append(b, unsafe.Slice((*byte)(first), n)...)
		}
		for i := range n {
			b = elem.print(b, unsafe.Add(first, uintptr(i)*size))
		}
		return b
	}
}

func (m *mirror) array(t reflect.Type) {
	elem, size := mirrorOf(t.Elem()), t.Elem().Size()
	if elem.part != nil {
		m.part = func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value) {
			for i := range t.Len() {
				elem.part(unsafe.Add(p, uintptr(i)*size), known)
			}
		}
	}
	m.print = func(b []byte, p unsafe.Pointer) []byte {
		if size == 1 {
			return append(b, unsafe.Slice((*byte)(p), t.Len())...)
		}
		for i := range t.Len() {
			b = elem.print(b, unsafe.Add(p, uintptr(i)*size))
		}
		return b
	}
}

func (m *mirror) record(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		of, inner, outer := mirrorOf(f.Type), m.part, m.print
		if of.part != nil {
			m.part = func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value) {
				if inner != nil {
					inner(p, known)
				}
				of.part(unsafe.Add(p, f.Offset), known)
			}
		}
		m.print = func(b []byte, p unsafe.Pointer) []byte {
			if outer != nil {
				b = outer(b, p)
			}
			return of.print(b, unsafe.Add(p, f.Offset))
		}
	}
	if m.print == nil {
		m.print = func(b []byte, _ unsafe.Pointer) []byte { return b }
	}
}

// table mirrors a map. Its entries have no order, so that their sums are added.
func (m *mirror) table(t reflect.Type) {
	key, elem := mirrorOf(t.Key()), mirrorOf(t.Elem())
	entry := func(it *reflect.MapIter) (k, v reflect.Value) {
		k, v = reflect.New(t.Key()), reflect.New(t.Elem())
		k.Elem().Set(it.Key())
		v.Elem().Set(it.Value())
		return k, v
	}
	m.part = func(p unsafe.Pointer, known map[unsafe.Pointer]reflect.Value) {
		old := at(t, p)
		if old.IsNil() {
			return
		}
		out := reflect.MakeMapWithSize(t, old.Len())
		for it := old.MapRange(); it.Next(); {
			k, v := entry(it)
			if elem.part != nil {
				elem.part(v.UnsafePointer(), known)
			}
			out.SetMapIndex(k.Elem(), v.Elem())
		}
		old.Set(out)
	}
	m.print = func(b []byte, p unsafe.Pointer) []byte {
		var sum uint64
		for it := at(t, p).MapRange(); it.Next(); {
			k, v := entry(it)
			sum += hashOf(elem.print(key.print(nil, k.UnsafePointer()), v.UnsafePointer()))
		}
		return binary.BigEndian.AppendUint64(b, sum)
	}
}

var hashSeed = maphash.MakeSeed()

func hashOf(b []byte) uint64 { return maphash.Bytes(hashSeed, b) }

// twin copies what p points to.
func twin[T any](p *T) *T {
	out := new(T)
	*out = *p
	if m := mirrorOf(reflect.TypeFor[T]()); m.part != nil {
		m.part(unsafe.Pointer(out), map[unsafe.Pointer]reflect.Value{unsafe.Pointer(p): reflect.ValueOf(out)})
	}
	return out
}

// printed appends all that p points to.
func printed[T any](b []byte, p *T) []byte {
	return mirrorOf(reflect.TypeFor[T]()).print(b, unsafe.Pointer(p))
}
