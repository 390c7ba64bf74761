// SPDX-License-Identifier: Apache-2.0

package main

// Benches of sections 16 and 23.4: what is fresh, and for whom it is.

// ages are from the first showing on, less what the server held.
func ages() *bench {
	b := newBench("age", "an order is too old by a millisecond, and another is not")
	one, two := b.shows(1), b.shows(2)
	window := b.answer(one).with(7, number(30))
	b.uptime = 30_001
	b.refuses("16", "30.001 s after the showing, for a window of 30 s", ordered(seller(), window))
	b.uptime = 178_000
	b.takes("178 s after the showing: the most", ordered(seller(), b.answer(one)))
	b.uptime = 178_001
	b.refuses("16", "a millisecond later, on the other connector", ordered(seller(), b.answer(two).with(3, number(2))))
	b.ends(1)
	b.uptime = 200_000
	again := b.shows(1)
	b.uptime = 230_000
	b.takes("30 s after the showing, for a window of 30 s", ordered(seller(), b.answer(again).with(7, number(30))))
	return b
}

func heldFor() *bench {
	b := newBench("held", "what the server held counts for nothing, but nobody can have held what was not shown")
	one, two := b.shows(1), b.shows(2)
	early := b.answer(one).with(6, number(10))
	b.uptime = 7_999
	b.refuses("16", "held for 10 s, and shown 7.999 s ago: the age is below -2 s", ordered(seller(), early))
	b.uptime = 8_000
	b.takes("the same, a millisecond later", ordered(seller(), early))
	b.uptime = 658_000
	b.ends(1)
	b.takes("held for 480 s, and shown 658 s ago", ordered(seller(), b.answer(two).with(3, number(2)).with(6, number(480))))
	late := b.shows(1)
	b.uptime += 658_001
	b.refuses("16", "held for 480 s, and shown 658.001 s ago", ordered(seller(), b.answer(late).with(6, number(480))))
	return b
}

func challenges() *bench {
	b := newBench("challenge", "which challenges are open")
	one, two := b.shows(1), b.shows(2)
	b.uptime = 45_000
	newer := b.shows(1)
	b.refuses("16", "a challenge of the other connector", ordered(seller(), b.answer(two)))
	b.refuses("16", "a challenge that was never shown", ordered(seller(), b.answer(challengeOf(1, repeat(0xee, 8)))))
	b.refuses("16", "a nonce that was shown, under another counter", ordered(seller(), b.answer(list{number(7), one[1]})))
	b.refuses("25", "no challenge at all, as for a device without a display", ordered(seller(), b.answer(challengeOf(1, repeat(0, 8))).with(14, number(3))))
	first := ordered(seller(), b.answer(one))
	b.takes("an older challenge, which is still open", first)
	b.refuses("23.4", "the same order again", first)
	b.ends(1)
	b.refuses("23.4", "the same order, when its sale is over", first)
	b.refuses("16", "a newer challenge: acceptance closed it", ordered(seller(), b.answer(newer)))
	last := b.shows(1)
	b.boots()
	b.refuses("16", "a challenge of the boot before", ordered(seller(), b.answer(last)))
	b.takes("one of this boot", ordered(seller(), b.answer(b.shows(1))))
	return b
}

func addressees() *bench {
	b := newBench("addressee", "whom an order is for")
	one, two := b.shows(1), b.shows(2)
	other := deviceNumber()
	other[6]++
	b.refuses("23.4", "another device", ordered(seller(), b.answer(one).with(2, octets(other))))
	b.refuses("23.4", "a number that begins as that of the device", ordered(seller(), b.answer(one).with(2, octets(deviceNumber()[:6]))))
	b.refuses("23.4", "a connector that the device has not", ordered(seller(), b.answer(one).with(3, number(3))))
	b.takes("this device", ordered(seller(), b.answer(one)))
	b.refuses("23.4", "a connector that is not idle", ordered(seller(), b.answer(one)))
	b.takes("the other connector", ordered(seller(), b.answer(two).with(3, number(2))))
	return b
}

func epochs() *bench {
	b := newBench("epoch", "an order names an epoch that is in force, and not below the least")
	one := b.shows(1)
	b.refuses("23.4", "epoch 1, and there was no snapshot yet", ordered(seller(), b.answer(one).with(17, number(1))))
	in := newDraft("T", snapshot(41, 40, unbound(seller().key)))
	b.takes("a snapshot of epoch 41, the least is 40", in)
	b.takes("the same again", in)
	b.refuses("23.2", "another snapshot of epoch 41", newDraft("T", snapshot(41, 39, unbound(seller().key))))
	b.refuses("23.2", "a snapshot of epoch 40", newDraft("T", snapshot(40, 40, unbound(seller().key))))
	b.refuses("23.4", "epoch 42", ordered(seller(), b.answer(one).with(17, number(42))))
	b.refuses("23.4", "epoch 39", ordered(seller(), b.answer(one).with(17, number(39))))
	b.refuses("23.4", "no epoch", ordered(seller(), b.answer(one)))
	b.takes("epoch 40", ordered(seller(), b.answer(one).with(17, number(40))))
	b.ends(1)
	b.boots()
	two := b.shows(1)
	b.refuses("23.4", "no epoch, after the power was cut", ordered(seller(), b.answer(two)))
	b.takes("epoch 41, after the power was cut", ordered(seller(), b.answer(two).with(17, number(41))))
	return b
}
