/*
 * tests/model/leases.pml - leases, epochs and upload: one terminal, its copies, the centre, and others who spend.
 *
 * One terminal and every machine that may claim to be it: the till, a copy of its disk elsewhere, its own disk put back,
 * new hardware enrolled in its place. The centre keeps one log an epoch and divides one budget. An online shop stands
 * for everybody else who spends of it. Each step below is what one function of the product does in one transaction
 * (docs/model.md names it); the order of steps is free, bounded by the counts that are left.
 *
 * Not in it: time but for "the lease has expired", the contents of sales, coupons by number, more than one terminal
 * (others are the online shop), hubs (hub.pml), damage to files.
 *
 * A record is one byte that no other record of the run shares unless it is the same one copied: what it is, on which
 * machine, in which life of it, and a value. So equal bytes at one seq are equal chains up to there, as hashes are.
 *
 * -D switches plant the mistakes of drafts; without one no assertion fails.
 *   RECLAIM_DEAD     the centre takes a silent till's lease back
 *   RECLAIM_EXPIRED  the centre takes an expired lease back, while the till's clock is slow
 *   NO_MARKER        a backup put back is not noticed at the start
 *   SAME_EPOCH       enrolling again goes on in the current epoch
 *   SEQ_ONLY         records are known again by their number alone
 *   STRAND_FREE      what a log that was set apart or replaced had not spent becomes free
 */
#ifndef BUDGET
#define BUDGET 2
#endif
#ifndef LEASE
#define LEASE 2
#endif
#ifndef SEQ_MAX
#define SEQ_MAX 4
#endif
#ifndef BOOTS /* starts besides those after a copy, all machines together */
#define BOOTS 1
#endif
#ifndef COPIES /* disks put back or copied */
#define COPIES 1
#endif
#ifndef LATES /* messages delivered late or twice */
#define LATES 1
#endif
#ifndef ENROLMENTS
#define ENROLMENTS 1
#endif
#define MACHINES 2
#define EPOCHS 3 /* 1 .. EPOCHS - 1 */

/* what a record is */
#define SALE 1  /* with one right of the lease */
#define BACK 2  /* gives back `value` of the lease */
#define START 3 /* number `value` of this epoch */
#define QUAR 4  /* from here on in quarantine */
#define KIND(r) ((r) & 7)
#define VALUE(r) ((r) >> 6)
#define RECORD(kind, m, value) ((kind) | ((m) << 3) | (machine[m].life << 4) | ((value) << 6))

/* a log's state at the centre */
#define NONE 0
#define ACTIVE 1
#define REPLACED 2
#define FORKED 3

typedef disk {
    byte epoch; /* 0: nothing on it */
    byte seq;
    byte rec[SEQ_MAX + 1];
    byte inc;            /* of the newest START record */
    byte granted;        /* as it came down */
    byte spent, returned; /* folded from the records */
    byte acked;
    bit quarantined;
    bit fenced; /* the sync was told so */
}
typedef mark { /* outside of the folder */
    byte epoch; /* 0: none */
    byte inc;
    byte seq, rec; /* the newest record it knows of */
}
typedef hardware {
    disk d;
    mark k;
    bit up;     /* started since its disk was put there */
    bit copied; /* its disk is a copy that no start has looked at yet */
    byte life;  /* so that its records differ from those before it was put back */
    byte told;  /* the highest start that the centre told its sync of */
}
typedef log {
    byte state;
    byte seq;
    byte rec[SEQ_MAX + 1];
    byte granted, spent, returned;
    byte inc;       /* the highest start heard of in a batch */
    byte start_inc; /* and in a record */
}
typedef batch {
    byte epoch; /* 0: no message */
    byte inc, told;
    byte first, last;
    byte rec[SEQ_MAX + 1]; /* from first - 1 on */
}

hardware machine[MACHINES];
disk image; /* a backup */
mark image_mark;
log at[EPOCHS];
byte epoch = 1; /* the terminal's newest, at the centre */
byte free = BUDGET, outstanding, spent, stranded, over;
batch message; /* of the step under way */
batch late;    /* kept by the network */
#ifdef RECLAIM_EXPIRED
bit expired;
#endif
byte boots = BOOTS, copies = COPIES, lates = LATES, enrolments = ENROLMENTS;

/* What really happened, which nobody in the system knows. */
byte redeemed;
byte excused; /* a lease for each copy that no start could notice: one with its mark, or whose mark a power cut tore */

#define LEFT(e) (at[e].granted - at[e].spent - at[e].returned)
#define UNSPENT(m) (machine[m].d.granted - machine[m].d.spent - machine[m].d.returned)
#define IS_FULL(m) (machine[m].d.seq == SEQ_MAX)

/* --- invariants ---------------------------------------------------------------------------------------------------- */

inline check()
{
    assert(redeemed + free <= BUDGET + excused); /* 1, also if others redeem all that is free */
    assert(free + outstanding + spent + stranded == BUDGET + over);          /* 2 */
    assert(over == 0 || excused > 0);
    assert(at[epoch].state != NONE && (epoch + 1 == EPOCHS || at[epoch + 1].state == NONE)); /* 6 */
}

/* --- a till -------------------------------------------------------------------------------------------------------- */

inline append(m, record)
{
    machine[m].d.seq++;
    machine[m].d.rec[machine[m].d.seq] = record;
    if
    :: machine[m].k.epoch == machine[m].d.epoch && !machine[m].d.quarantined ->
        if /* the mark notes the head, best effort: a power cut loses what it noted */
        :: machine[m].k.seq = machine[m].d.seq; machine[m].k.rec = record
#if COPIES > 0
        :: skip
#endif
        fi
    :: else
    fi
}

/* cf_journal_commit_sale with a redemption of the lease */
inline sell(m)
{
    append(m, RECORD(SALE, m, 0));
    machine[m].d.spent++;
    redeemed++
}

/* CF_RECORD_LEASE_RETURN of all that is left */
inline give_back(m)
{
    n = UNSPENT(m);
    append(m, RECORD(BACK, m, n));
    machine[m].d.returned = machine[m].d.returned + n
}

/* cf_incarnation_judge; `ok` and the number of this start in `n` */
inline judge_start(m)
{
    ok = true;
    n = machine[m].d.inc + 1;
    if
    :: machine[m].k.epoch == 0 -> ok = (machine[m].d.inc == 0)
    :: machine[m].k.epoch != 0 && machine[m].k.epoch < machine[m].d.epoch -> ok = (machine[m].d.inc == 0)
    :: machine[m].k.epoch > machine[m].d.epoch -> ok = false
    :: machine[m].k.epoch == machine[m].d.epoch ->
        ok = (machine[m].k.seq <= machine[m].d.seq && machine[m].d.rec[machine[m].k.seq] == machine[m].k.rec);
        if
        :: ok && machine[m].k.inc == machine[m].d.inc
        :: ok && machine[m].k.inc == machine[m].d.inc + 1 && machine[m].k.seq == machine[m].d.seq /* cut short */
        :: else -> ok = false
        fi
    fi
}

/* till_start: the mark first, then the START record, then the mark again; `cut` ends it after the mark */
inline start(m, cut)
{
    if
    :: machine[m].d.quarantined -> ok = false
    :: else ->
        judge_start(m);
        if
        :: ok && machine[m].copied -> excused = excused + LEASE
        :: else
        fi;
#ifdef NO_MARKER
        ok = true;
#endif
        if
        :: !ok ->
            machine[m].d.quarantined = 1;
            append(m, RECORD(QUAR, m, 0))
        :: else ->
            machine[m].k.epoch = machine[m].d.epoch;
            machine[m].k.inc = n;
            machine[m].k.seq = machine[m].d.seq;
            machine[m].k.rec = machine[m].d.rec[machine[m].d.seq]
        fi
    fi;
    machine[m].copied = 0;
    if
    :: cut
    :: !cut ->
        machine[m].up = 1;
        if
        :: ok ->
            machine[m].d.inc = n;
            append(m, RECORD(START, m, n))
        :: else
        fi
    fi;
    n = 0;
    ok = false
}

/* --- the centre's ledger ------------------------------------------------------------------------------------------- */

/* cf_ledger_strand */
inline strand(e)
{
    if
    :: at[e].state == ACTIVE ->
        outstanding = outstanding - LEFT(e);
#ifdef STRAND_FREE
        free = free + LEFT(e)
#else
        stranded = stranded + LEFT(e)
#endif
    :: else
    fi
}

/* cf_fence */
inline fence(e)
{
    if
    :: at[e].state == ACTIVE -> strand(e); at[e].state = FORKED
    :: else
    fi
}

/* cf_ledger_top_up, whenever it likes: the code does it at enrolling and after a use */
inline top_up(e)
{
    n = LEASE - LEFT(e);
    n = (n > free -> free : n);
    free = free - n;
    outstanding = outstanding + n;
    at[e].granted = at[e].granted + n;
    n = 0
}

/* cf_ledger_spend_lease */
inline spend(e)
{
    if
    :: LEFT(e) > 0 ->
        if
        :: at[e].state == ACTIVE -> outstanding--
        :: else -> stranded--
        fi;
        at[e].spent++
    :: LEFT(e) == 0 && free > 0 -> free--
    :: LEFT(e) == 0 && free == 0 -> over++
    fi;
    spent++
}

/* cf_ledger_return_lease */
inline take_back(e, amount)
{
    if
    :: amount > 0 && amount <= LEFT(e) && at[e].state == ACTIVE ->
        outstanding = outstanding - amount;
        free = free + amount;
        at[e].returned = at[e].returned + amount
    :: else
    fi
}

/* --- the centre takes a batch in ----------------------------------------------------------------------------------- */

/* cf_apply_record, after cf_fence_by_record */
inline apply(e, record)
{
    if
    :: KIND(record) == SALE -> spend(e)
    :: KIND(record) == BACK -> take_back(e, VALUE(record))
    :: KIND(record) == QUAR -> fence(e)
    :: KIND(record) == START ->
        if
        :: VALUE(record) > at[e].start_inc -> at[e].start_inc = VALUE(record)
        :: else -> fence(e)
        fi
    fi
}

/* check_agrees: one comparison, since each hash commits to all before it */
inline agrees(e)
{
    ok = true;
#ifndef SEQ_ONLY
    if
    :: message.first == at[e].seq + 1 -> ok = (message.rec[message.first - 1] == at[e].rec[at[e].seq])
    :: message.first <= at[e].seq && message.last >= message.first ->
        n = (message.last < at[e].seq -> message.last : at[e].seq);
        ok = (message.rec[n] == at[e].rec[n]);
        n = 0
    :: else
    fi
#endif
}

#define TAKEN 1
#define GAP 2
#define FORK 3
#define LATE 4

/* cf_handle_records: `answer` */
inline take_in(e)
{
    if
    :: message.inc < at[e].inc && message.told <= message.inc -> answer = LATE
    :: message.last >= message.first && message.first > at[e].seq + 1 -> answer = GAP
    :: else ->
        agrees(e);
        if
        :: !ok -> fence(e); answer = FORK
        :: else ->
            answer = TAKEN;
            if
            :: message.inc >= at[e].inc -> at[e].inc = message.inc
            :: else -> fence(e)
            fi;
            do
            :: at[e].seq < message.last && message.last >= message.first ->
                at[e].seq++;
                at[e].rec[at[e].seq] = message.rec[at[e].seq];
                apply(e, at[e].rec[at[e].seq])
            :: else -> break
            od
        fi;
        ok = false
    fi
}

/* --- a till's sync ------------------------------------------------------------------------------------------------- */

/* make_batch: all that is not acknowledged */
inline make_batch(m)
{
    message.epoch = machine[m].d.epoch;
    message.inc = machine[m].d.inc;
    message.told = machine[m].told;
    message.first = machine[m].d.acked + 1;
    message.last = machine[m].d.seq;
    n = machine[m].d.acked;
    do
    :: n <= machine[m].d.seq -> message.rec[n] = machine[m].d.rec[n]; n++
    :: else -> break
    od;
    n = 0
}

inline drop_message()
{
    n = 0;
    do
    :: n <= SEQ_MAX -> message.rec[n] = 0; n++
    :: else -> break
    od;
    n = 0;
    message.epoch = 0;
    message.inc = 0;
    message.told = 0;
    message.first = 0;
    message.last = 0
}

/* take_watermark: is the centre's newest record in our history? What it acknowledges it must have, as we have it. */
inline take_watermark(m, e)
{
#ifdef SEQ_ONLY
    ok = (at[e].seq <= machine[m].d.seq);
#else
    ok = (at[e].seq <= machine[m].d.seq && machine[m].d.rec[at[e].seq] == at[e].rec[at[e].seq]);
#endif
    if
    :: ok ->
        n = at[e].seq;
        machine[m].d.acked = n;
        do /* 4 and 5: acknowledged, hence at the centre with this content */
        :: n > 0 -> assert(at[e].rec[n] == machine[m].d.rec[n]); n--
        :: else -> break
        od
    :: else -> machine[m].d.fenced = 1
    fi;
    ok = false
}

/* cf_sync_cycle: push, the answer, and what came down; `n_lost` loses the answer */
inline take_answer(m, e)
{
    if
    :: answer == LATE ->
        machine[m].told = at[e].inc;
        machine[m].d.fenced = 1 /* unless it was started meanwhile, which is one step here */
    :: answer == FORK -> machine[m].d.fenced = 1
    :: answer == GAP -> take_watermark(m, e)
    :: answer == TAKEN ->
        machine[m].d.fenced = (at[e].state != ACTIVE);
        take_watermark(m, e);
        if
        :: !machine[m].d.fenced -> machine[m].d.granted = at[e].granted /* cumulative: no page makes it less */
        :: else
        fi
    fi;
    answer = 0
}

inline sync(m)
{
    make_batch(m);
    if
    :: lates > 0 && late.epoch == 0 -> /* the network keeps a copy */
        late.epoch = message.epoch;
        late.inc = message.inc;
        late.told = message.told;
        late.first = message.first;
        late.last = message.last;
        n = 0;
        do
        :: n <= SEQ_MAX -> late.rec[n] = message.rec[n]; n++
        :: else -> break
        od;
        n = 0
    :: true
    fi;
    if
    :: e = message.epoch;
       take_in(e);
       if
       :: take_answer(m, e)
       :: answer = 0 /* lost */
       fi
    :: skip /* the request is lost, or only late */
    fi;
    e = 0;
    drop_message()
}

/* The network delivers what it kept; nobody waits for the answer. */
inline deliver_late()
{
    lates--;
    message.epoch = late.epoch;
    message.inc = late.inc;
    message.told = late.told;
    message.first = late.first;
    message.last = late.last;
    n = 0;
    do
    :: n <= SEQ_MAX -> message.rec[n] = late.rec[n]; late.rec[n] = 0; n++
    :: else -> break
    od;
    n = 0;
    late.epoch = 0;
    late.inc = 0;
    late.told = 0;
    late.first = 0;
    late.last = 0;
    e = message.epoch;
    take_in(e);
    e = 0;
    answer = 0;
    drop_message()
}

/* --- disks --------------------------------------------------------------------------------------------------------- */

inline copy_disk(to, from)
{
    to.epoch = from.epoch;
    to.seq = from.seq;
    n = 0;
    do
    :: n <= SEQ_MAX -> to.rec[n] = from.rec[n]; n++
    :: else -> break
    od;
    n = 0;
    to.inc = from.inc;
    to.granted = from.granted;
    to.spent = from.spent;
    to.returned = from.returned;
    to.acked = from.acked;
    to.quarantined = from.quarantined;
    to.fenced = from.fenced
}

inline copy_mark(to, from)
{
    to.epoch = from.epoch;
    to.inc = from.inc;
    to.seq = from.seq;
    to.rec = from.rec
}

/* The backup onto machine m: its own mark stays; or, as a clone, with the mark, or without any. */
inline put_back(m)
{
    copies--;
    copy_disk(machine[m].d, image);
    if
    :: m == 0 /* its own hardware */
    :: m != 0 -> copy_mark(machine[m].k, image_mark)
    :: m != 0 -> machine[m].k.epoch = 0
    fi;
    machine[m].told = 0;
    machine[m].up = 0;
    machine[m].copied = 1;
    machine[m].life++
}

/* cf_handle_enrol, then cf_journal_create on machine m, whose mark stays */
inline enrol(m)
{
    enrolments--;
#ifdef SAME_EPOCH
    machine[m].d.granted = at[epoch].granted;
#else
    strand(epoch);
    at[epoch].state = (at[epoch].state == ACTIVE -> REPLACED : at[epoch].state);
    epoch++;
    at[epoch].state = ACTIVE;
    machine[m].d.granted = 0;
#endif
    machine[m].d.epoch = epoch;
    machine[m].d.seq = 0;
    n = 0;
    do
    :: n <= SEQ_MAX -> machine[m].d.rec[n] = 0; n++
    :: else -> break
    od;
    n = 0;
    machine[m].d.inc = 0;
    machine[m].d.spent = 0;
    machine[m].d.returned = 0;
    machine[m].d.acked = 0;
    machine[m].d.quarantined = 0;
    machine[m].d.fenced = 0;
    machine[m].told = 0;
    machine[m].up = 0;
    machine[m].copied = 0;
    machine[m].life++
}

/* --- the world ----------------------------------------------------------------------------------------------------- */

#define MAY_SPEND(m) (machine[m].up && !machine[m].d.quarantined && !machine[m].d.fenced && UNSPENT(m) > 0 && !IS_FULL(m))

active proctype world()
{
    byte m;
    byte e;
    byte n;
    byte answer;
    bit ok;
    d_step {
        at[1].state = ACTIVE;
        machine[0].d.epoch = 1
    }
    do
    :: atomic {
        if /* who; the second machine is there once something is on it */
        :: m = 0
        :: machine[1].d.epoch != 0 -> m = 1
        fi;
        if
        /* a cashier: also after the lease expired, since its clock may be slow */
        :: MAY_SPEND(m) -> printf("machine %d sells with its lease\n", m); sell(m)
        :: MAY_SPEND(m) -> printf("machine %d gives its lease back\n", m); give_back(m)
        /* power, and starts: after a copy always, else as often as there are */
        :: !machine[m].up && machine[m].d.seq < SEQ_MAX -> printf("machine %d starts\n", m); start(m, false)
        :: machine[m].up && boots > 0 && machine[m].d.seq < SEQ_MAX -> boots--; printf("machine %d starts again\n", m); start(m, false)
        :: boots > 0 && machine[m].d.seq < SEQ_MAX ->
            boots--;
            printf("machine %d: a start is cut short\n", m);
            machine[m].up = 0;
            start(m, true)
        /* the network */
        :: machine[m].up -> printf("machine %d syncs\n", m); sync(m)
        :: lates > 0 && late.epoch != 0 -> printf("a late message arrives\n"); deliver_late()
        /* disks */
        :: copies > 0 && image.epoch == 0 && m == 0 ->
            printf("machine 0 is backed up\n");
            copy_disk(image, machine[0].d);
            copy_mark(image_mark, machine[0].k)
        :: copies > 0 && image.epoch != 0 -> printf("the backup is put back on machine 0\n"); put_back(0)
        :: copies > 0 && image.epoch != 0 -> printf("the backup is put on machine 1\n"); put_back(1)
        /* the centre */
        :: at[epoch].state == ACTIVE && LEFT(epoch) < LEASE && free > 0 -> printf("the lease of epoch %d is topped up\n", epoch); top_up(epoch)
        :: free > 0 -> printf("the shop redeems\n"); free--; spent++; redeemed++ /* the online shop: cf_account_take_free */
        :: enrolments > 0 && epoch + 1 < EPOCHS -> printf("machine 0 is enrolled anew\n"); enrol(0)
        :: enrolments > 0 && epoch + 1 < EPOCHS -> printf("machine 1 is enrolled in its place\n"); enrol(1)
#ifdef RECLAIM_DEAD
        :: at[epoch].state == ACTIVE && LEFT(epoch) > 0 ->
            printf("the centre takes the lease back\n");
            n = LEFT(epoch);
            outstanding = outstanding - n;
            free = free + n;
            at[epoch].returned = at[epoch].returned + n;
            n = 0
#endif
#ifdef RECLAIM_EXPIRED
        :: !expired -> printf("the lease expires\n"); expired = 1
        :: expired && at[epoch].state == ACTIVE && LEFT(epoch) > 0 ->
            printf("the centre takes the lease back\n");
            n = LEFT(epoch);
            outstanding = outstanding - n;
            free = free + n;
            at[epoch].returned = at[epoch].returned + n;
            n = 0
#endif
        fi;
        printf("  redeemed %d (excused %d); free %d out %d spent %d stranded %d over %d; lease %d-%d-%d\n", redeemed,
               excused, free, outstanding, spent, stranded, over, at[epoch].granted, at[epoch].spent,
               at[epoch].returned);
        m = 0;
        check()
    }
    od
}
