/* SPDX-License-Identifier: Apache-2.0
 *
 * The protocol of qrproto/SPEC.md, sections 16 and on, for exhaustive search by
 * Spin: chargers that have no network, one server, and an attacker who holds
 * every code that was ever shown and delivers any of them at any time, in any
 * order, as often as he likes. README.md says what is abstracted and how; run.sh
 * runs it.
 *
 * One process for each thing that can act. Each of their steps is atomic, as the
 * charger's loop and the server's transactions make them; a power cut may come
 * between any two. Arrays begin at 1, index 0 is "none".
 */

/* ---- size of the world, set by run.sh ------------------------------------- */

#ifndef NCH
#define NCH 1     /* chargers */
#endif
#ifndef NCO
#define NCO 2     /* connectors of each */
#endif
#ifndef NORD
#define NORD 2    /* orders: issued, or signed with the stolen key */
#endif
#ifndef NID
#define NID 3     /* identity codes that are photographed */
#endif
#ifndef NREC
#define NREC (NORD + 1) /* different settlements */
#endif
#ifndef CUTS
#define CUTS 1    /* power cuts */
#endif
#ifndef ENERGY
#define ENERGY 2  /* readings of one session */
#endif
#ifdef TIME
#define WINDOW 2  /* ticks for which a challenge lives, without what was held: 180 s */
#define MAXHELD 4 /* ticks for which the server may hold an identity: 480 s */
#ifndef TICKS
#define TICKS 8
#endif
#endif
#ifdef TRUST
#define QUOTA 1   /* acceptances of one delegation at a charger */
#endif

/* ---- properties ------------------------------------------------------------
 * None of these is ever true. They are there so that Spin's message names the
 * property: "assertion violated (P3_refund||...)".
 */
hidden byte P1_clock, P2_disclosure, P3_refund, P4_rollback, P5_liveness;
hidden byte Q_once, Q_charged_twice, Q_accounted, Q_revoked, Model_bound;

#define CHECK(property, truth) assert(property || (truth))

/* ---- what there is --------------------------------------------------------- */

#define IDLE     0
#define ARMED    1 /* has an order, waits for a plug */
#define CHARGING 2 /* the relay is closed */

#define ISSUED   1
#define SETTLED  2 /* and charged */
#define DISPUTED 3
#define DEAD     4 /* and its money given back, on evidence */
#define FORGED   5 /* the server knows nothing of it */

typedef Identity {
	byte ch; byte co; byte boot; byte cnt;
	byte old;  /* oldest open counter */
	byte head; /* last settlement of the chain */
	byte open; /* a bit for each order under a hint */
	byte car;  /* the settlement that it carries */
	bool live; /* in the charger's memory: the challenge is open */
#ifdef TIME
	byte shown; byte seen; /* ticks; by the charger, by the server */
#endif
#ifdef WEAK_HEAD_OLD
	byte tru;  /* the head that it should have shown */
#endif
}
Identity id[NID + 2]; /* the last one is that of an honest visit */

typedef Order {
	byte st;
	byte id;  /* the identity that it answers */
	byte ack; /* the settlement that it acknowledges */
#ifdef TIME
	byte issued; byte held;
#endif
#ifdef RECEIPTS
	byte receipt; /* 1 + the settlement that its receipt acknowledges */
#endif
#ifdef TRUST
	bool epoch;   /* that it needs */
#endif
	/* what only we know: */
	bool accepted;
	bool energised;
	byte met;    /* energy that flowed */
	byte bill;   /* energy that was charged */
	byte charges;
}
Order ord[NORD + 1];

typedef Settlement {
	byte ch; byte seq; byte prev; byte ord; byte qty;
	bool stored; /* by the server */
	bool ever;   /* it was stored once */
#ifdef SERVERLOSS
	bool lost;   /* the charger was told that it is stored no more */
#endif
}
Settlement rec[NREC + 1];
byte nrec, nord, nid, cuts;

typedef Flash {
	byte boot; byte head; byte acked;
	byte low;                    /* settlements up to this seq are given up */
	byte ord[NCO]; byte qty[NCO]; /* the open sale and its last checkpoint */
#ifdef TRUST
	bool epoch; byte quota;
#endif
}
Flash fl[NCH + 1];

typedef Memory {
	byte cnt; byte told; byte again; byte lost;
	byte st[NCO]; byte ord[NCO]; byte qty[NCO];
#ifdef TIME
	byte clock[NCO]; /* the session's time */
#endif
	bool off;
}
Memory mem[NCH + 1];

typedef Device { byte chain; byte contested; byte newest; }
Device dev[NCH + 1]; /* what the server knows of a charger */

#ifdef IMAGES
Flash img;       /* of charger 1 */
bool taken;
byte images;
#endif
bool restored[NCH + 1]; /* its memory was set back */
bool unclean[NCH + 1];  /* told by a forged order, or a server that lost records */
#ifdef TIME
byte now_;
#endif
#ifdef TRUST
bool revoked;           /* the server is at epoch 1, which ends the stolen key */
bool told[NCH + 1];     /* the charger has met epoch 1 */
byte stolen[NCH + 1];   /* acceptances of the stolen key */
#endif
#ifdef SERVERLOSS
byte losses;
#endif
#ifdef DISPUTES
bool dispute; /* order 1 is never agreed to */
#endif

/* Scratch of single steps: no part of a state. Each belongs to one inline. */
hidden byte a_, b_, c_, d_, e_, f_, g_, h_, i_, j_, k_, l_, m_, n_, o_, p_, q_, r_, s_, t_, u_, v_, w_, x_, y_, z_;
hidden byte ok, known, other, dead, gone;

#define BOOT(o) id[ord[o].id].boot
#define CH(o)   id[ord[o].id].ch
#define CO(o)   id[ord[o].id].co
#define SEQ(r)  rec[r].seq

/* ---- conditions that a weakness changes ------------------------------------- */

#ifdef WEAK_ACK_AGREED
#define AGREED(r) (!dispute || rec[r].ord != 1)
#else
#define AGREED(r) true
#endif
#ifdef WEAK_NO_FORK
#define FOLLOWS(r, c) true
#else
#define FOLLOWS(r, c) (rec[r].prev == dev[c].chain && (dev[c].contested == 0 || SEQ(r) < dev[c].contested))
#endif
#if defined(WEAK_DUPLICATE)
#define BILLABLE(st_) (st_ == ISSUED || st_ == SETTLED)
#else
#define BILLABLE(st_) (st_ == ISSUED)
#endif
#ifdef WEAK_OPEN_TAGS
#define TAGGED(o, i) false
#else
#define TAGGED(o, i) (id[i].open & (1 << o))
#endif
/* Whoever sets a memory back can also take a sale out of it that nobody has seen. */
#ifdef WEAK_IMAGE_REFUND
#define EXCUSED(c) false
#else
#define EXCUSED(c) (restored[c])
#endif
#ifdef WEAK_QUOTA
#define TRUSTED(c) (!fl[c].epoch)
#else
#define TRUSTED(c) (!fl[c].epoch && fl[c].quota < QUOTA)
#endif
#ifdef WEAK_T_STRIPPED
#define FITS(o, c) true
#else
#define FITS(o, c) (ord[o].epoch <= fl[c].epoch)
#endif
#ifdef WEAK_OVERWRITE
#define RECLAIMABLE(r, c) true
#define MAYRECLAIM(c) true
#else
#define MAYRECLAIM(c) (fl[c].acked > fl[c].low)
#define RECLAIMABLE(r, c) (SEQ(r) <= fl[c].acked)
#endif

/* ---- the server ------------------------------------------------------------ */

/* contest keeps the chain of a charger below seq. */
inline contest(D, N) {
	if :: dev[D].contested == 0 || N < dev[D].contested -> dev[D].contested = N :: else fi;
	do
	:: SEQ(dev[D].chain) >= dev[D].contested -> dev[D].chain = rec[dev[D].chain].prev
	:: else -> break
	od
}

/* charge takes the money of a settlement. */
inline charge(R) {
	a_ = rec[R].ord;
#ifdef WEAK_HASH8
	/* Two orders share each truncated hash; the first one issued is found. */
	a_ = ((rec[R].ord - 1) / 2) * 2 + 1;
	if :: ord[a_].st == FORGED -> a_ = rec[R].ord :: else fi;
#endif
	if
	:: BILLABLE(ord[a_].st) ->
		if
		:: gone -> ord[a_].st = DISPUTED
		:: else ->
			ord[a_].st = SETTLED;
			ord[a_].charges++;
			ord[a_].bill = rec[R].qty;
			CHECK(Q_charged_twice, ord[a_].charges == 1);
			CHECK(Q_accounted, ord[a_].bill <= ord[a_].met)
		fi
	:: else
	fi
}

/* take stores a settlement, moves the chain and charges. */
inline take(R) {
	if
	:: !rec[R].stored ->
		rec[R].stored = 1;
		rec[R].ever = 1;
#ifdef SERVERLOSS
		rec[R].lost = 0;
#endif
		gone = 0; /* it is one of a fork, or its price is disputed */
#ifndef WEAK_NO_FORK
		for (b_ : 1 .. NREC) {
			if
			:: b_ != R && rec[b_].stored && rec[b_].ch == rec[R].ch && SEQ(b_) == SEQ(R) -> gone = 1
			:: else
			fi
		}
		if
		:: gone -> contest(rec[R].ch, SEQ(R))
		:: !gone && dev[rec[R].ch].contested == 0 && SEQ(R) == SEQ(dev[rec[R].ch].chain) + 1 && rec[R].prev != dev[rec[R].ch].chain ->
			gone = 1;
			contest(rec[R].ch, SEQ(dev[rec[R].ch].chain))
		:: else
		fi;
#endif
		extend(rec[R].ch);
#ifdef DISPUTES
		if :: rec[R].ord == 1 && dispute -> gone = 1 :: else fi;
#endif
		charge(R)
	:: else ->
		gone = 0;
		charge(R) /* which does nothing twice */
	fi
}

/* extend moves the chain over all that is stored behind it. */
inline extend(C) {
	do
	:: d_ = 0;
		for (e_ : 1 .. NREC) {
			if
			:: rec[e_].stored && rec[e_].ch == C && SEQ(e_) == SEQ(dev[C].chain) + 1 && FOLLOWS(e_, C) && AGREED(e_) -> d_ = e_
			:: else
			fi
		}
		if :: d_ -> dev[C].chain = d_ :: else -> break fi
	od;
#ifndef WEAK_NO_FORK
	/* What waits behind the end may follow on another record. */
	for (e_ : 1 .. NREC) {
		if
		:: rec[e_].stored && rec[e_].ch == C && SEQ(e_) == SEQ(dev[C].chain) + 1 && rec[e_].prev != dev[C].chain && dev[C].contested == 0 -> d_ = e_
		:: else
		fi
	}
	if :: d_ -> contest(C, SEQ(dev[C].chain)) :: else fi
#endif
}

/* meet holds the head of an identity against the records, and finds in g_ what an
 * order on it may acknowledge. */
inline meet(I) {
	g_ = id[I].ch;
	f_ = id[I].head;
	known = (f_ == 0) || rec[f_].stored;
	other = 0;
	gone = 0;
	for (h_ : 1 .. NREC) {
		if
		:: rec[h_].stored && rec[h_].ch == g_ && h_ != f_ && SEQ(h_) == SEQ(f_) -> other = 1
		:: rec[h_].stored && rec[h_].ch == g_ && SEQ(h_) == SEQ(f_) + 1 && BOOT(rec[h_].ord) < id[I].boot -> gone = 1
		:: else
		fi
	}
#ifndef WEAK_NO_FORK
	if
	:: other && !known -> contest(g_, SEQ(f_))
	:: gone && !(other && !known) -> contest(g_, SEQ(f_) + 1)
	:: else
	fi;
#endif
	if
	:: SEQ(dev[g_].chain) <= SEQ(f_) -> g_ = dev[g_].chain
	:: else -> if :: known -> g_ = f_ :: else -> g_ = 0 fi
	fi;
#ifdef WEAK_ACK_UNSTORED
	g_ = f_;
#endif
}

/* sight is an identity before the server: what it carries is stored first. */
inline sight(I) {
	if
	:: id[I].car -> take(id[I].car)
	:: else
	fi;
	meet(I);
	w_ = dev[id[I].ch].newest;
	if
	:: w_ == 0 || id[I].boot > id[w_].boot || (id[I].boot == id[w_].boot && id[I].cnt > id[w_].cnt) ->
		dev[id[I].ch].newest = I
	:: else
	fi;
#ifdef TIME
	if :: id[I].seen == 0 -> id[I].seen = now_ + 1 :: else fi
#endif
}

/* issue signs an order on an identity, if nothing newer speaks against it. */
inline issue(I) {
	sight(I);
	w_ = dev[id[I].ch].newest;
	ok = !(id[I].boot < id[w_].boot) && !(id[I].boot == id[w_].boot && id[I].cnt < id[w_].old);
	for (x_ : 1 .. NORD) {
		if
		:: (id[w_].open & (1 << x_)) && CO(x_) == id[I].co -> ok = 0
		:: else
		fi
	}
#ifdef TIME
	ok = ok && (now_ + 1 - id[I].seen <= MAXHELD);
#endif
	if
	:: ok ->
		nord++;
		ord[nord].st = ISSUED;
		ord[nord].id = I;
		ord[nord].ack = g_;
#ifdef TIME
		ord[nord].issued = now_;
		ord[nord].held = now_ + 1 - id[I].seen;
#ifdef WEAK_HELD
		/* As long as the phone says. */
		ord[nord].held = now_;
#endif
#endif
#ifdef TRUST
		ord[nord].epoch = revoked;
#endif
	:: else
	fi
}

/* prove finds out whether an order is dead, by the newest identity. */
inline prove(O) {
	y_ = CH(O);
	w_ = dev[y_].newest;
	f_ = id[w_].head;
	dead = w_ != 0 && dev[y_].contested == 0 && (id[w_].boot > BOOT(O) || (id[w_].boot == BOOT(O) && id[w_].old > id[ord[O].id].cnt));
	dead = dead && !TAGGED(O, w_);
#ifndef WEAK_REFUND_GAP
	dead = dead && (f_ == 0 || rec[f_].stored) && SEQ(dev[y_].chain) >= SEQ(f_);
#endif
	for (h_ : 1 .. NREC) {
		if
		:: rec[h_].stored && rec[h_].ch == y_ && (rec[h_].ord == O || (SEQ(h_) > SEQ(f_) && BOOT(rec[h_].ord) < id[w_].boot)) -> dead = 0
		:: else
		fi
	}
}

inline refund(O) {
	prove(O);
	if
	:: dead ->
		ord[O].st = DEAD;
		CHECK(P3_refund, !ord[O].energised || EXCUSED(CH(O)))
	:: else
	fi
}

/* ---- the charger ----------------------------------------------------------- */

/* seal writes a settlement behind the chain. One of equal content is the same. */
inline seal(C, K, O, AMOUNT) {
	l_ = 0;
	for (m_ : 1 .. NREC) {
		if
		:: m_ <= nrec && rec[m_].ch == C && rec[m_].prev == fl[C].head && rec[m_].ord == O && rec[m_].qty == AMOUNT -> l_ = m_
		:: else
		fi
	}
	if
	:: l_ == 0 ->
		CHECK(Model_bound, nrec < NREC);
		nrec++;
		l_ = nrec;
		rec[l_].ch = C;
		rec[l_].seq = SEQ(fl[C].head) + 1;
		rec[l_].prev = fl[C].head;
		rec[l_].ord = O;
		rec[l_].qty = AMOUNT
	:: else
	fi;
	fl[C].head = l_;
	fl[C].ord[K] = 0;
	fl[C].qty[K] = 0;
	mem[C].st[K] = IDLE;
	mem[C].ord[K] = 0;
	mem[C].qty[K] = 0;
#ifdef TIME
	mem[C].clock[K] = 0;
#endif
#ifndef WEAK_RETIRE
	retire(C, K)
#endif
}

/* retire closes the challenges of a connector. */
inline retire(C, K) {
	for (n_ : 1 .. NID) {
		if
		:: id[n_].ch == C && id[n_].co == K -> id[n_].live = 0
		:: else
		fi
	}
}

/* expire closes a challenge, if it is the oldest of its connector. */
inline expire(I) {
	ok = 1;
	for (n_ : 1 .. NID) {
		if :: n_ < I && id[n_].live && id[n_].ch == id[I].ch && id[n_].co == id[I].co -> ok = 0 :: else fi
	}
	if :: ok -> id[I].live = 0 :: else fi
}

/* at finds in p_ the settlement of a seq that the charger still has, 0 for none. */
inline at(C, WANT) {
	p_ = fl[C].head;
	do
	:: SEQ(p_) > WANT -> p_ = rec[p_].prev
	:: else -> break
	od;
	if :: p_ != fl[C].head && SEQ(p_) <= fl[C].low -> p_ = 0 :: else fi
}

/* heed takes in that the server has stored everything up to a seq. */
inline heed(C, UPTO) {
	if
	:: UPTO < fl[C].acked ->
#ifndef WEAK_ACK_LOWER
#ifdef SERVERLOSS
		for (h_ : 1 .. NREC) {
			if :: rec[h_].ch == C && SEQ(h_) > UPTO && rec[h_].ever && !rec[h_].stored -> rec[h_].lost = 1 :: else fi
		}
#endif
		mem[C].again = UPTO;
		mem[C].lost = mem[C].told;
		fl[C].acked = UPTO
#endif
	:: else -> fl[C].acked = UPTO
	fi;
	if :: UPTO > mem[C].told -> mem[C].told = UPTO :: else fi
}

/* answered takes in that the server has seen what an identity carried. */
inline answered(C, UPTO) {
	if
	:: UPTO > mem[C].told -> mem[C].told = UPTO
	:: else -> mem[C].again = UPTO
	fi
}

/* carry finds in p_ the settlement that the next identity carries: new ones first,
 * then those that were told and not acknowledged, in turns. */
inline carry(C) {
	q_ = mem[C].told;
	if
	:: q_ == SEQ(fl[C].head) ->
		q_ = mem[C].again;
		if :: q_ < fl[C].acked || q_ >= mem[C].told -> q_ = fl[C].acked :: else fi
	:: else
	fi;
#ifdef WEAK_STUCK
	q_ = fl[C].acked;
#endif
	if
	:: q_ < SEQ(fl[C].head) ->
		if :: q_ < fl[C].low -> q_ = fl[C].low :: else fi;
		at(C, q_ + 1)
	:: else -> p_ = 0
	fi
}

/* display makes an identity in place i. */
inline display(C, K, I) {
	mem[C].cnt++;
	id[I].ch = C;
	id[I].co = K;
	id[I].boot = fl[C].boot;
	id[I].cnt = mem[C].cnt;
#ifdef WEAK_CONNECTOR
	/* Each connector counts for itself. */
	id[I].cnt = 1;
	for (n_ : 1 .. NID) {
		if :: n_ < I && id[n_].ch == C && id[n_].co == K && id[n_].boot == fl[C].boot -> id[I].cnt++ :: else fi
	}
#endif
	id[I].old = id[I].cnt;
	id[I].open = 0;
	for (n_ : 1 .. NID) {
		if :: id[n_].live && id[n_].ch == C && id[n_].cnt < id[I].old -> id[I].old = id[n_].cnt :: else fi
	}
#ifdef WEAK_OLDEST
	id[I].old = 1;
#endif
	for (n_ : 0 .. NCO - 1) {
		if :: mem[C].ord[n_] -> id[I].open = id[I].open | (1 << mem[C].ord[n_]) :: else fi
	}
	id[I].head = fl[C].head;
#ifdef WEAK_HEAD_OLD
	id[I].tru = fl[C].head;
	at(C, fl[C].acked);
	id[I].head = p_;
#endif
	carry(C);
	id[I].car = p_;
	id[I].live = 1;
#ifdef TIME
	id[I].shown = now_
#endif
}

/* disclosed holds P2 when an order on identity i is accepted: the issuer was shown
 * every settlement before it, and of this connector there is none after it. */
inline disclosed(C, K, I) {
#ifdef WEAK_HEAD_OLD
	CHECK(P2_disclosure, SEQ(id[I].head) >= SEQ(id[I].tru));
#endif
	for (z_ : 1 .. NREC) {
		if
		:: z_ <= nrec && rec[z_].ch == C && SEQ(z_) <= SEQ(fl[C].head) && SEQ(z_) > SEQ(id[I].head) ->
			CHECK(P2_disclosure, CO(rec[z_].ord) != K || restored[C])
		:: else
		fi
	}
}

/* accept takes order o, which answers identity i, on the connector of i. */
inline accept(O, I) {
	s_ = id[I].ch;
	t_ = id[I].co;
	u_ = ord[O].ack;
	at(s_, SEQ(u_));
	ok = SEQ(u_) <= SEQ(fl[s_].head) && (p_ == 0 || p_ == u_);
#ifdef TRUST
	if
	:: ord[O].st == FORGED -> ok = ok && TRUSTED(s_)
	:: else -> ok = ok && FITS(O, s_)
	fi;
#endif
#ifdef TIME
#ifndef WEAK_NO_AGE
	ok = ok && now_ <= id[I].shown + ord[O].held + WINDOW && now_ >= id[I].shown + ord[O].held;
#endif
#endif
	if
	:: ok ->
		CHECK(Q_once, !ord[O].accepted || restored[s_]);
		CHECK(P4_rollback, !ord[O].accepted);
#ifdef TIME
		CHECK(P1_clock, now_ - ord[O].issued <= WINDOW);
		mem[s_].clock[t_] = ord[O].issued;
#endif
		if :: ord[O].st != FORGED -> disclosed(s_, t_, I) :: else fi;
#ifdef TRUST
		if
		:: ord[O].st == FORGED ->
			stolen[s_]++;
			fl[s_].quota++;
			CHECK(Q_revoked, restored[s_] || (!told[s_] && stolen[s_] <= QUOTA))
		:: else -> if :: ord[O].epoch -> told[s_] = 1 :: else fi
		fi;
#endif
		ord[O].accepted = 1;
		mem[s_].st[t_] = ARMED;
		mem[s_].ord[t_] = O;
		mem[s_].qty[t_] = 0;
#ifndef WEAK_RELAY
		fl[s_].ord[t_] = O;
		fl[s_].qty[t_] = 0;
#endif
		if
		:: ord[O].st == FORGED ->
			/* Without the right to acknowledge it says that nothing is stored. */
			unclean[s_] = 1;
			heed(s_, SEQ(u_))
		:: else -> heed(s_, SEQ(u_))
		fi;
		if :: id[I].car -> answered(s_, SEQ(id[I].car)) :: else fi;
#ifdef WEAK_RETIRE
		id[I].live = 0
#else
		retire(s_, t_)
#endif
	:: else
	fi
}

/* plug begins to sell: the start is durable, then the relay closes. */
inline plug(C, K) {
	mem[C].st[K] = CHARGING;
	ord[mem[C].ord[K]].energised = 1;
	CHECK(P3_refund, ord[mem[C].ord[K]].st != DEAD || EXCUSED(C))
}

/* meter is one more reading: what was metered before is durable first. */
inline meter(C, K) {
#ifndef WEAK_RELAY
	fl[C].qty[K] = mem[C].qty[K];
#else
	if :: mem[C].qty[K] -> fl[C].ord[K] = mem[C].ord[K]; fl[C].qty[K] = mem[C].qty[K] :: else fi;
#endif
	mem[C].qty[K]++;
	ord[mem[C].ord[K]].met++;
#ifdef TIME
	CHECK(P1_clock, now_ - mem[C].clock[K] <= WINDOW)
#endif
}

/* cut ends all that is only in memory. */
inline cut(C) {
	mem[C].cnt = 0;
	mem[C].told = 0;
	mem[C].again = 0;
	mem[C].lost = 0;
	for (x_ : 0 .. NCO - 1) {
		mem[C].st[x_] = IDLE;
		mem[C].ord[x_] = 0;
		mem[C].qty[x_] = 0;
#if defined(TIME) && !defined(WEAK_RESUME)
		mem[C].clock[x_] = 0
#endif
	}
#ifndef WEAK_BOOT_ORDER
	for (x_ : 1 .. NID) {
		if :: id[x_].ch == C -> id[x_].live = 0 :: else fi
	}
#endif
	mem[C].off = 1
}

/* power_up counts itself durably and settles what was open, before all else. */
inline power_up(C) {
#ifndef WEAK_BOOT_COUNTER
	fl[C].boot++;
#endif
	mem[C].told = fl[C].acked;
	for (x_ : 0 .. NCO - 1) {
		if
		:: fl[C].ord[x_] ->
#ifdef WEAK_DROP
			fl[C].ord[x_] = 0;
			fl[C].qty[x_] = 0
#else
#ifdef WEAK_RESUME
			mem[C].st[x_] = CHARGING;
			mem[C].ord[x_] = fl[C].ord[x_];
			mem[C].qty[x_] = fl[C].qty[x_]
#else
			seal(C, x_, fl[C].ord[x_], fl[C].qty[x_])
#endif
#endif
		:: else
		fi
	}
	mem[C].off = 0
}

/* reclaim gives up what is acknowledged, but for the head. */
inline reclaim(C) {
	u_ = 0;
	p_ = fl[C].head;
	do
	:: p_ == 0 || SEQ(p_) <= fl[C].low -> break
	:: else ->
		if
		:: p_ != fl[C].head && RECLAIMABLE(p_, C) ->
			CHECK(P4_rollback, rec[p_].ever);
#ifdef SERVERLOSS
			CHECK(P5_liveness, !rec[p_].lost);
#endif
			if :: u_ < SEQ(p_) -> u_ = SEQ(p_) :: else fi
		:: else
		fi;
		p_ = rec[p_].prev
	od;
	if :: u_ > fl[C].low -> fl[C].low = u_ :: else fi
}

/* receive is a receipt at the charger: it counts for a connector's last settlement. */
inline receive(O) {
	s_ = CH(O);
	u_ = ord[O].receipt - 1;
	p_ = fl[s_].head;
	do
	:: p_ == 0 || CO(rec[p_].ord) == CO(O) -> break
	:: else -> p_ = rec[p_].prev
	od;
	ok = p_ != 0 && rec[p_].ord == O && rec[p_].stored && SEQ(u_) > fl[s_].acked && SEQ(u_) > mem[s_].lost && SEQ(u_) <= SEQ(fl[s_].head);
#ifndef WEAK_ACK_HASH
	at(s_, SEQ(u_));
	ok = ok && (p_ == 0 || p_ == u_);
#endif
	if :: ok -> heed(s_, SEQ(u_)) :: else fi
}

c_code {
static State saved;
}

/* ---- in the end ------------------------------------------------------------
 * From any state at all, honest customers come. Nothing of this is kept: it is a
 * question that is asked in each state.
 */
#define VISITS (2 * NREC + 2)

inline backlog(C) {
	/* in y_: how many settlements are neither acknowledged nor told */
	y_ = 0;
	p_ = fl[C].head;
	do
	:: p_ == 0 || SEQ(p_) <= fl[C].acked -> break
	:: else -> y_++; p_ = rec[p_].prev
	od
}

inline visit(C) {
	backlog(C);
	v_ = y_;
	display(C, 0, NID + 1);
	sight(NID + 1);
	/* The order comes at once, is accepted, and its own settlement is scanned. */
	heed(C, SEQ(g_));
	if :: id[NID + 1].car -> answered(C, SEQ(id[NID + 1].car)) :: else fi;
	backlog(C);
	CHECK(P5_liveness, v_ == 0 || y_ < v_ || restored[C] || unclean[C] || dev[C].contested)
}

inline account(O) {
	/* What flowed is charged, but for what was not durable at a cut. */
	CHECK(Q_accounted, ord[O].st != SETTLED || ord[O].bill + 1 >= ord[O].met);
	CHECK(Q_accounted, !ord[O].energised || ord[O].st == SETTLED || ord[O].st == DISPUTED);
	/* What was never accepted, and what was and did not begin, is over too. */
	prove(O);
	CHECK(P3_refund, ord[O].st != ISSUED || dead)
}

inline finish() {
	c_code { saved = now; };
	for (r_ : 1 .. NCH) {
		if :: mem[r_].off -> power_up(r_) :: else fi;
		for (j_ : 0 .. NCO - 1) {
			if
			:: mem[r_].st[j_] != IDLE -> seal(r_, j_, mem[r_].ord[j_], mem[r_].qty[j_])
			:: else
			fi
		}
		for (j_ : 1 .. NID) {
			if :: id[j_].ch == r_ -> id[j_].live = 0 :: else fi
		}
		if
		:: fl[r_].boot ->
			for (j_ : 1 .. VISITS) { visit(r_) }
			for (j_ : 1 .. NREC) {
				at(r_, SEQ(j_));
				CHECK(P5_liveness, j_ > nrec || rec[j_].ch != r_ || p_ != j_ || rec[j_].stored)
			}
			CHECK(P5_liveness, dev[r_].contested || fl[r_].low > SEQ(dev[r_].chain) || fl[r_].acked == SEQ(fl[r_].head));
			for (o_ : 1 .. NORD) {
				if
				:: ord[o_].st && ord[o_].st != FORGED && CH(o_) == r_ && !restored[r_] && !dev[r_].contested -> account(o_)
				:: else
				fi
			}
		:: else
		fi
	}
	c_code { now = saved; }
}

/* ---- what can happen ------------------------------------------------------- */

/* done ends a step: Spin wants no jump out of one. */
#define done() ok = 0

#define USED(c) (mem[c].cnt || fl[c].boot > 1)

proctype Connector(byte c; byte k) {
	do
	:: d_step {
		!mem[c].off && mem[c].st[k] == IDLE && nid < NID && (USED(c) || (k == 0 && (c == 1 || USED(c - 1)))) ->
		nid++;
		display(c, k, nid);
		done()
	}
	:: d_step { mem[c].st[k] == ARMED -> plug(c, k); done() }
	:: d_step { mem[c].st[k] == CHARGING && mem[c].qty[k] < ENERGY -> meter(c, k); done() }
	/* The driver stops, or walked away from an armed connector. */
	:: d_step { mem[c].st[k] != IDLE -> seal(c, k, mem[c].ord[k], mem[c].qty[k]); done() }
	od
}

proctype Charger(byte c) {
	do
#ifdef TIME
	:: d_step { !mem[c].off && cuts < CUTS && USED(c) -> cuts++; cut(c); done() }
	:: d_step { mem[c].off -> power_up(c); done() }
#else
	:: d_step { cuts < CUTS && USED(c) -> cuts++; cut(c); power_up(c); done() }
#endif
#ifdef PRUNE
	:: d_step { MAYRECLAIM(c) -> reclaim(c); done() }
#endif
#ifdef TRUST
	:: d_step { revoked && !fl[c].epoch -> fl[c].epoch = 1; told[c] = 1; done() }
#ifdef WEAK_T_ROLLBACK
	:: d_step { fl[c].epoch -> fl[c].epoch = 0; done() }
#endif
#endif
#ifdef SERVERLOSS
	:: d_step {
		losses < 1 && dev[c].chain ->
		losses++;
		unclean[c] = 1;
		for (x_ : 1 .. NREC) {
			if :: rec[x_].ch == c -> rec[x_].stored = 0 :: else fi
		}
		dev[c].chain = 0;
		dev[c].contested = 0;
		dev[c].newest = 0;
		done()
	}
#endif
	od
}

#ifdef IMAGES
/* Somebody opens charger 1, copies its flash, and puts the copy back later. */
proctype Image() {
	do
	:: d_step {
		!taken && USED(1) ->
		taken = 1;
		img.boot = fl[1].boot;
		img.head = fl[1].head;
		img.acked = fl[1].acked;
		img.low = fl[1].low;
		for (x_ : 0 .. NCO - 1) {
			img.ord[x_] = fl[1].ord[x_];
			img.qty[x_] = fl[1].qty[x_]
		}
#ifdef TRUST
		img.epoch = fl[1].epoch;
		img.quota = fl[1].quota;
#endif
		done()
	}
	:: d_step {
		taken && images < IMAGES ->
		images++;
		restored[1] = 1;
		cut(1);
		fl[1].boot = img.boot;
		fl[1].head = img.head;
		fl[1].acked = img.acked;
		fl[1].low = img.low;
		for (x_ : 0 .. NCO - 1) {
			fl[1].ord[x_] = img.ord[x_];
			fl[1].qty[x_] = img.qty[x_]
		}
#ifdef TRUST
		fl[1].epoch = img.epoch;
		fl[1].quota = img.quota;
#endif
		power_up(1);
		done()
	}
	od
}
#endif

/* An identity is a code in the attacker's hands from when it was shown. */
proctype Showing(byte i) {
	do
	:: d_step { i <= nid -> sight(i); done() }
	:: d_step { i <= nid && nord < NORD -> issue(i); done() }
#ifdef STOLEN
	:: d_step {
		i <= nid && nord < NORD ->
		nord++;
		ord[nord].st = FORGED;
		ord[nord].id = i;
#ifdef WEAK_ACK_RIGHT
		/* The head's hash is in the identity for everybody to read. */
		ord[nord].ack = id[i].head
#endif
		done()
	}
#endif
#ifndef TIME
	/* It ages: newer codes are shown, or too much time has passed. */
	:: d_step { id[i].live -> expire(i); done() }
#endif
	od
}

/* MATCHES tells whether the charger takes order o for one on identity i. */
#if defined(WEAK_CHARGER)
#define MATCHES(o, i) (id[i].live && id[ord[o].id].co == id[i].co && id[ord[o].id].cnt == id[i].cnt)
#elif defined(WEAK_CONNECTOR)
#define MATCHES(o, i) (id[i].live && CH(o) == id[i].ch && BOOT(o) == id[i].boot && id[ord[o].id].cnt == id[i].cnt)
#elif defined(WEAK_NONCE_KEY)
#define MATCHES(o, i) (id[i].live && CH(o) == id[i].ch && CO(o) == id[i].co && BOOT(o) == id[i].boot && id[ord[o].id].cnt == id[i].cnt)
#elif defined(WEAK_USED_LIST)
#define MATCHES(o, i) (ord[o].id == i && rec[fl[id[i].ch].head].ord != o)
#else
#define MATCHES(o, i) (ord[o].id == i && id[i].live)
#endif

proctype Paper(byte o; byte i) {
	/* An order at the scanner of the connector that showed i. */
	do
	:: d_step {
		o <= nord && i <= nid && MATCHES(o, i) && !mem[id[i].ch].off && mem[id[i].ch].st[id[i].co] == IDLE ->
		accept(o, i);
		done()
	}
	od
}

proctype Sale(byte o) {
	do
	:: d_step { ord[o].st == ISSUED -> refund(o); done() }
#ifdef RECEIPTS
	:: d_step { ord[o].st == SETTLED && !ord[o].receipt -> ord[o].receipt = 1 + dev[CH(o)].chain; done() }
	:: d_step { ord[o].receipt && !mem[CH(o)].off -> receive(o); done() }
#endif
	od
}

/* A settlement is scanned from the screen, now or later, by whoever likes. */
proctype Record(byte r) {
	do
	:: d_step { r <= nrec -> take(r); done() }
	od
}

#ifdef TIME
proctype Clock() {
	do
	:: d_step {
		now_ < TICKS ->
		now_++;
		for (x_ : 1 .. NCH) {
			for (y_ : 0 .. NCO - 1) {
				if :: !mem[x_].off && mem[x_].st[y_] != IDLE -> mem[x_].clock[y_]++ :: else fi
			}
		};
		done()
	}
	od
}
#endif

#ifdef TRUST
proctype Operator() { d_step { revoked = 1 } }
#endif

proctype End() {
	do
	:: d_step { true -> finish(); done() }
	od
}

init {
	atomic {
		for (i_ : 1 .. NCH) {
			fl[i_].boot = 1;
			run Charger(i_);
			for (j_ : 0 .. NCO - 1) { run Connector(i_, j_) }
		}
		for (i_ : 1 .. NID) {
			run Showing(i_);
			for (j_ : 1 .. NORD) { run Paper(j_, i_) }
		}
		for (j_ : 1 .. NORD) { run Sale(j_) }
		for (j_ : 1 .. NREC) { run Record(j_) }
#ifdef IMAGES
		run Image();
#endif
#ifdef TIME
		run Clock();
#endif
#ifdef TRUST
		run Operator();
#endif
#ifndef NOEND
		run End();
#endif
#ifdef DISPUTES
		if :: dispute = 1 :: dispute = 0 fi;
#endif
		skip
	}
}
