// SPDX-License-Identifier: Apache-2.0

package settletest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/seed81979277/qrcharge/settle/server"
)

// testStoreRace lets many try the same thing. Exactly one may succeed.
func testStoreRace(t *testing.T, s *storeTest) {
	const n = 16
	for name, change := range map[string]func(i byte) *server.Change{
		"one order":  func(byte) *server.Change { return &server.Change{Orders: []*server.Order{sampleOrder(1)}} },
		"one device": func(byte) *server.Change { return &server.Change{Device: sampleDevice()} },
		"one claim": func(i byte) *server.Change {
			return &server.Change{Orders: []*server.Order{sampleOrder(100 + i)}, Take: []string{"x"}}
		},
		"one number": func(i byte) *server.Change {
			return &server.Change{Orders: []*server.Order{sampleOrder(150 + i)}, Device: &server.Device{Charger: []byte{7}, Version: 1, Sold: 1}}
		},
		"one place": func(i byte) *server.Change { return &server.Change{Records: []server.Record{sampleRecord(1, 0, i)}} },
	} {
		var group sync.WaitGroup
		errs := make([]error, n)
		for i := range errs {
			c := change(byte(i))
			group.Go(func() { errs[i] = s.Apply(s.ctx, c) })
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, server.ErrConflict) && !errors.Is(err, server.ErrClaimed):
				t.Errorf("%s: %v", name, err)
			}
		}
		if won != 1 {
			t.Errorf("%s: %d of %d have won", name, won, n)
		}
	}
	if got := len(s.found(server.Query{})); got != 3 {
		t.Errorf("%d orders are left by three races", got)
	}
}

func testStoreCounter(t *testing.T, s *storeTest) {
	const workers, each = 4, 25
	s.apply(&server.Change{Device: &server.Device{Charger: []byte{9}, Version: 1}}, nil)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for done := 0; done < each; {
				d, err := s.Device(s.ctx, []byte{9})
				if err != nil {
					t.Error(err)
					return
				}
				d.Version++
				d.Records++
				switch err := s.Apply(s.ctx, &server.Change{Device: d}); {
				case err == nil:
					done++
				case !errors.Is(err, server.ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	d, err := s.Device(s.ctx, []byte{9})
	if err != nil || d.Records != workers*each || d.Version != workers*each+1 {
		t.Errorf("%d of %d, version %d, %v", d.Records, workers*each, d.Version, err)
	}
}

func testStoreContext(t *testing.T, s *storeTest) {
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	if err := s.Apply(ctx, &server.Change{Take: []string{"a"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply: %v", err)
	}
	if _, err := s.Device(ctx, []byte{9}); !errors.Is(err, context.Canceled) {
		t.Errorf("Device: %v", err)
	}
	s.apply(&server.Change{Take: []string{"a"}}, nil)
}
