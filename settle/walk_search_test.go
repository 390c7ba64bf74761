// SPDX-License-Identifier: Apache-2.0

package settle_test

import (
	"fmt"
)

// search goes every way from one state, the shortest ways first. It keeps of each
// state how it was reached, and not the state: a level is searched by going down
// the tree of all levels before it once, with a copy at each step.
type search struct {
	start *maze
	seen  map[uint64]struct{}
	tree  []branch // 0 is the root
	taken int      // acts
	ended int      // states from which all was brought in order
	every int      // of so many states one is asked for its end; 0 for none
	stop  func(taken int) bool
	trail []act
}

// branch is a state: the act that leads there, and where its own branches are.
type branch struct {
	by          act
	first, last int32
}

func newSearch(start *maze, every int, stop func(int) bool) *search {
	return &search{start: start, seen: map[uint64]struct{}{start.hash(): {}}, tree: make([]branch, 1), every: every, stop: stop}
}

// run searches level by level, to a depth. It returns how many levels are
// complete.
func (s *search) run(depth int) (done int, err error) {
	for done < depth {
		before := len(s.tree)
		complete, err := s.level(0, s.start, done)
		if err != nil || !complete {
			return done, err
		}
		done++
		if len(s.tree) == before {
			return done, nil // there is no state further away
		}
	}
	return done, nil
}

// level goes down from a branch to those at a depth, and takes every act there.
func (s *search) level(at int32, m *maze, depth int) (complete bool, err error) {
	if depth == 0 {
		return s.expand(at, m)
	}
	for b := s.tree[at].first; b < s.tree[at].last; b++ {
		next := m.clone()
		if err := next.do(s.tree[b].by); err != nil {
			return false, fmt.Errorf("again: %w", err)
		}
		s.trail = append(s.trail, s.tree[b].by)
		complete, err := s.level(b, next, depth-1)
		if err != nil || !complete {
			return complete, err
		}
		s.trail = s.trail[:len(s.trail)-1]
	}
	return true, nil
}

func (s *search) expand(at int32, m *maze) (complete bool, err error) {
	s.tree[at].first = int32(len(s.tree))
	for _, a := range m.acts() {
		if s.stop(s.taken) {
			return false, nil
		}
		s.taken++
		next := m.clone()
		err := next.do(a)
		if err == nil {
			err = s.meet(next, a)
		}
		if err != nil {
			s.trail = append(s.trail, a)
			return false, err
		}
	}
	s.tree[at].last = int32(len(s.tree))
	return true, nil
}

// meet notes a state, if it is new. Nobody needs the maze after that.
func (s *search) meet(m *maze, by act) error {
	h := m.hash()
	if _, ok := s.seen[h]; ok {
		return nil
	}
	s.seen[h] = struct{}{}
	s.tree = append(s.tree, branch{by: by})
	if s.every == 0 || len(s.tree)%s.every != 0 {
		return nil
	}
	s.ended++
	if err := m.finish(); err != nil {
		return fmt.Errorf("in the end: %w", err)
	}
	return nil
}
