/*
 * tests/model/hub.pml - a store's hub: sub-leases, one right pinned to the store, the hub's end, and its old disk.
 *
 * Two tills of one store, the hub of the first assignment and the one after it, the centre. Everything that the hub says
 * is a step of a history whose length every answer tells; tills refuse a hub that falls back. What tills and hubs do is
 * in docs/model.md, step by step. Not in it: records that the hub keeps for others, sales for returns, cached pages.
 *
 * -D switches plant mistakes; without one no assertion fails.
 *   SAME_HUB_EPOCH   a new hub goes on in the epoch of the old one
 *   HUB_NO_MARKER    a hub whose disk was put back goes on
 *   HUB_TIMEOUT      a hub lets go of a right whose till is silent
 *   HUB_EARLY        a new hub answers before it knows what was stranded with the old one
 *   STRAND_FREE      what the old hub had not accounted for becomes free
 *   COUNTED_TWICE    what a till gives back to its hub becomes free at the centre as well
 *   TOLD_FIRST       the hub's till tells the centre before the hub has lowered what it may lend
 *   HOME_NO_EPOCH    with PIN_LATE: what is pinned to the store is good by whichever hub a till hears
 */
#ifndef BUDGET
#define BUDGET 2
#endif
#ifndef LEASE
#define LEASE 2
#endif
#ifndef RESTORES /* the first hub's old disk put back */
#define RESTORES 0
#endif
#ifndef RESTARTS
#define RESTARTS 1
#endif
#ifndef RIGHT /* 1: with the right that is pinned to the store */
#define RIGHT 1
#endif
#ifndef PIN_LATE /* 1: it is pinned at any time, to the hub of that time; 0: at first, and its code names no epoch */
#define PIN_LATE 0
#endif
#ifndef GIVES /* units that go back: of sub-leases to the hub, of the store's lease to the centre */
#define GIVES 0
#endif
#ifndef ASSIGNMENTS
#define ASSIGNMENTS 2
#endif
#define TILLS 2
#define HUBS 3 /* 1 .. HUBS - 1: by assignment */

#define NONE 0
#define ACTIVE 1
#define ENDED 2

typedef history { /* hub.db */
    byte granted[TILLS]; /* sub-leases, cumulative */
    byte back[TILLS];    /* of these, by the tills' records */
    byte gone;           /* of the store's lease, given back to the centre */
    byte holder;         /* of the right: till + 1 */
    byte steps;
    byte inc;
}
typedef hub_disk {
    history db;
    byte file; /* the incarnation, outside of the folder */
    byte mark; /* what was given back, as the mark beside it says, before anybody is told */
    byte told; /* by its till's records, of what was given back */
    byte sent; /* of these, what the centre has */
    bit up, fenced;
    bit copied; /* its disk was put back, and no start has looked at it yet */
    byte lease; /* as it came down */
    bit news;   /* the right's new generation came down */
}
typedef assignment { /* at the centre */
    byte state;
    byte granted, spent, returned;
}
typedef till_disk {
    byte hub; /* the newest assignment that it knows */
    byte granted[HUBS], used[HUBS], unsent[HUBS];
    byte back[HUBS], unheard[HUBS]; /* given back; the hub has not seen the record of so many */
#ifdef COUNTED_TWICE
    byte uncounted[HUBS];
#endif
    byte seen[HUBS]; /* the longest history that it saw */
    byte right;      /* see below */
    byte right_hub;
}
/* a till and the right */
#define NEVER 0
#define ASKED 1 /* no answer came: refused to the shopper, and to be given up */
#define HELD 2  /* on the open sale */
#define SOLD 3
#define GIVEN_UP 4

hub_disk hubs[HUBS];
assignment at[HUBS];
till_disk tills[TILLS];
history image;
bit has_image;
byte current = 1;
byte free = BUDGET, outstanding, spent, stranded, over;
bit regenerated; /* the right has a new generation that nobody holds */
#if PIN_LATE
byte home; /* the hub that the right is pinned to, 0: none yet */
#define PINNED (home != 0)
#ifdef HOME_NO_EPOCH
#define AT_HOME(h) PINNED
#else
#define AT_HOME(h) (home == h)
#endif
#else
#define PINNED true
#define AT_HOME(h) true
#endif
#ifdef SAME_HUB_EPOCH
bit reassigned;
#endif
byte restores = RESTORES, restarts = RESTARTS, gives = GIVES;
byte redeemed; /* with sub-leases, in truth */
byte accepted; /* the right, in truth */
byte excused;  /* a store's lease, when a disk was put back that no start could notice */

/* One step more of the hub's history; its length matters only where a history can fall back. */
#if RESTORES > 0
#define STEP(h) hubs[h].db.steps++
#else
#define STEP(h) skip
#endif
#define LEFT(h) (at[h].granted - at[h].spent - at[h].returned)
/* What tills may yet spend, or have spent, of a hub's sub-leases; and what the hub counts as lent. */
#define OUT(h) (tills[0].granted[h] - tills[0].back[h] + tills[1].granted[h] - tills[1].back[h])
#define LENT(h) (hubs[h].db.granted[0] - hubs[h].db.back[0] + hubs[h].db.granted[1] - hubs[h].db.back[1])

inline check()
{
    assert(redeemed + free <= BUDGET + excused);
    assert(free + outstanding + spent + stranded == BUDGET + over);
    assert(over == 0 || excused > 0);
    assert(accepted <= 1 + (excused > 0));
    assert(OUT(1) + at[1].returned <= at[1].granted + excused);
    assert(OUT(2) + at[2].returned <= at[2].granted)
}

/* --- the centre ---------------------------------------------------------------------------------------------------- */

/* cf_hub_top_up */
inline top_up()
{
    free--;
    outstanding++;
    at[current].granted++
}

/* cf_hub_end, then the next assignment */
inline assign()
{
#ifdef SAME_HUB_EPOCH
    hubs[current].db.granted[0] = 0; /* another machine, whose history is empty */
    hubs[current].db.granted[1] = 0;
    hubs[current].db.holder = 0;
    hubs[current].db.steps = tills[0].seen[current] + tills[1].seen[current];
    reassigned = 1
#else
    outstanding = outstanding - LEFT(current);
#ifdef STRAND_FREE
    free = free + LEFT(current);
#else
    stranded = stranded + LEFT(current);
#endif
    at[current].state = ENDED;
    if
    :: PINNED -> regenerated = 1
    :: else
    fi;
    current++;
    at[current].state = ACTIVE
#endif
}

/* cf_hub_spend, as a till's records arrive; what its lease does not cover is taken from what is free, or beyond it */
inline book(h)
{
    if
    :: LEFT(h) > 0 ->
        if
        :: at[h].state == ACTIVE -> outstanding--
        :: at[h].state != ACTIVE && stranded > 0 -> stranded--
#ifdef STRAND_FREE
        :: at[h].state != ACTIVE && stranded == 0 && free > 0 -> free--
        :: at[h].state != ACTIVE && stranded == 0 && free == 0 -> over++
#endif
        fi;
        at[h].spent++
    :: LEFT(h) == 0 && free > 0 -> free--
    :: LEFT(h) == 0 && free == 0 -> over++
    fi;
    spent++
}

/* --- the hub ------------------------------------------------------------------------------------------------------- */

/* begin_incarnation: the file is that of the database, or one ahead if a start was cut short between the two. An old
 * disk of the same start, or of the start before, so goes unnoticed here. */
inline begin(h)
{
    ok = (hubs[h].file == hubs[h].db.inc || hubs[h].file == hubs[h].db.inc + 1) && hubs[h].db.gone >= hubs[h].mark;
    if
    :: ok && hubs[h].copied -> excused = excused + LEASE
    :: else
    fi;
    hubs[h].copied = 0;
#ifdef HUB_NO_MARKER
    ok = true;
#endif
    if
    :: ok ->
        hubs[h].file = (hubs[h].file == hubs[h].db.inc + 1 -> hubs[h].file : hubs[h].file + 1);
        hubs[h].db.inc = hubs[h].file;
        STEP(h);
        hubs[h].up = 1
    :: else -> hubs[h].fenced = 1
    fi;
    ok = false
}

#define ANSWERS(h) (hubs[h].up && !hubs[h].fenced)
/* Each ask shows the newest history that the till saw: a hub that has less is set apart. */
#define WITNESSED(t, h) (hubs[h].db.steps < tills[t].seen[h])

/* cf_hub_sublease; the answer may be lost */
inline sublease(t, h)
{
    if
    :: LENT(h) + hubs[h].db.gone < hubs[h].lease ->
        hubs[h].db.granted[t]++;
        STEP(h)
    :: else
    fi;
    if
    :: true ->
        tills[t].seen[h] = hubs[h].db.steps;
        if /* cumulative: no answer makes it less */
        :: hubs[h].db.granted[t] > tills[t].granted[h] -> tills[t].granted[h] = hubs[h].db.granted[t]
        :: else
        fi
    :: true /* lost */
    fi
}

/* till_return_sublease: gone from the till's journal before anybody hears of it */
inline return_sublease(t, h)
{
    gives--;
    tills[t].back[h]++;
    tills[t].unheard[h]++;
#ifdef COUNTED_TWICE
    tills[t].uncounted[h]++
#endif
}

/* cf_hub_note_sublease_return; a hub that fell back may not know that it lent it */
inline hear_return(t, h)
{
    tills[t].unheard[h]--;
    if
    :: hubs[h].db.back[t] < hubs[h].db.granted[t] -> hubs[h].db.back[t]++; STEP(h)
    :: else
    fi
}

/* cf_hub_give_lease_back: in hub.db, then in the mark, and then it may be told */
inline lower(h)
{
    gives--;
    hubs[h].db.gone++;
    STEP(h);
    hubs[h].mark = hubs[h].db.gone
}

/* cf_hub_return */
inline book_return(h)
{
    hubs[h].sent++;
    if
    :: at[h].state == ACTIVE && LEFT(h) > 0 -> at[h].returned++; outstanding--; free++
    :: else /* stays stranded */
    fi
}

/* cf_hub_claim_right: judge_claim, take_right; the same till's same ask gets the same answer */
inline claim(t, h)
{
    tills[t].right = ASKED;
    tills[t].right_hub = h;
    if
    :: hubs[h].db.holder == 0 && !hubs[h].news -> hubs[h].db.holder = t + 1; STEP(h)
    :: else
    fi;
    if
    :: hubs[h].db.holder == t + 1 ->
        tills[t].seen[h] = hubs[h].db.steps;
        tills[t].right = HELD
    :: true /* lost, or no */
    fi
}

/* cf_hub_give_up, told by the till */
inline give_up(t, h)
{
    if
    :: hubs[h].db.holder == t + 1 -> hubs[h].db.holder = 0; STEP(h)
    :: else
    fi;
    tills[t].right = GIVEN_UP
}

inline copy_history(to, from)
{
    to.granted[0] = from.granted[0];
    to.granted[1] = from.granted[1];
    to.back[0] = from.back[0];
    to.back[1] = from.back[1];
    to.gone = from.gone;
    to.holder = from.holder;
    to.steps = from.steps;
    to.inc = from.inc
}

/* --- the world ----------------------------------------------------------------------------------------------------- */

active proctype world()
{
    byte t, h;
    bit ok;
    d_step {
        at[1].state = ACTIVE;
        tills[0].hub = 1;
        tills[1].hub = 1
    }
    do
    :: atomic {
        if
        :: t = 0
        :: t = 1
        fi;
        h = tills[t].hub;
        if
        /* tills */
        :: ANSWERS(h) && WITNESSED(t, h) -> printf("till %d shows hub %d that it fell back\n", t, h); hubs[h].fenced = 1
        :: ANSWERS(h) && !WITNESSED(t, h) -> printf("till %d asks hub %d for a part of its lease\n", t, h); sublease(t, h)
        :: tills[t].granted[1] > tills[t].used[1] + tills[t].back[1] ->
            printf("till %d sells with what hub 1 gave it\n", t);
            tills[t].used[1]++; tills[t].unsent[1]++; redeemed++
        :: tills[t].granted[2] > tills[t].used[2] + tills[t].back[2] ->
            printf("till %d sells with what hub 2 gave it\n", t);
            tills[t].used[2]++; tills[t].unsent[2]++; redeemed++
        :: tills[t].unsent[1] > 0 -> tills[t].unsent[1]--; book(1)
        :: tills[t].unsent[2] > 0 -> tills[t].unsent[2]--; book(2)
        :: gives > 0 && tills[t].granted[h] > tills[t].used[h] + tills[t].back[h] ->
            printf("till %d gives back to hub %d\n", t, h);
            return_sublease(t, h)
        :: tills[t].unheard[h] > 0 && ANSWERS(h) && !WITNESSED(t, h) ->
            printf("hub %d sees that till %d gave back\n", h, t);
            hear_return(t, h)
#ifdef COUNTED_TWICE
        :: tills[t].uncounted[h] > 0 && at[h].state == ACTIVE && LEFT(h) > 0 ->
            tills[t].uncounted[h]--; at[h].returned++; outstanding--; free++
#endif
        :: RIGHT && AT_HOME(h) && tills[t].right == NEVER && ANSWERS(h) && !WITNESSED(t, h) -> printf("till %d claims the right of hub %d\n", t, h); claim(t, h)
        :: tills[t].right == HELD -> printf("till %d sells with the right\n", t); tills[t].right = SOLD; accepted++
        :: (tills[t].right == ASKED || tills[t].right == HELD) && ANSWERS(tills[t].right_hub) &&
           !WITNESSED(t, tills[t].right_hub) ->
            printf("till %d gives the right up\n", t);
            give_up(t, tills[t].right_hub)
        :: tills[t].hub < current -> printf("till %d hears of hub %d\n", t, current); tills[t].hub = current
        /* hubs */
        :: !hubs[h].up && !hubs[h].fenced && at[h].state != NONE ->
            printf("hub %d starts\n", h);
#ifndef HUB_EARLY
            hubs[h].news = regenerated; /* before it serves: all that was, when it was assigned, has come down */
#endif
            begin(h)
        :: gives > 0 && ANSWERS(h) && hubs[h].lease > LENT(h) + hubs[h].db.gone ->
#ifdef TOLD_FIRST
            gives--; hubs[h].told++
#else
            printf("hub %d gives back to the centre\n", h);
            lower(h)
        :: ANSWERS(h) && hubs[h].db.gone > hubs[h].told -> hubs[h].told++
#endif
        :: hubs[h].told > hubs[h].sent -> printf("the centre hears it\n"); book_return(h)
        :: hubs[h].up && restarts > 0 -> restarts--; hubs[h].up = 0
        :: at[h].state != NONE && (hubs[h].lease != at[h].granted || hubs[h].news != regenerated) ->
            printf("hub %d hears from the centre\n", h);
            hubs[h].lease = at[h].granted;
            hubs[h].news = regenerated
        :: !has_image && restores > 0 -> has_image = 1; copy_history(image, hubs[1].db)
        :: has_image && restores > 0 ->
            printf("hub 1's old disk is put back\n");
            restores--;
            copy_history(hubs[1].db, image);
            hubs[1].copied = 1;
            hubs[1].up = 0
#ifdef HUB_TIMEOUT
        :: ANSWERS(h) && hubs[h].db.holder != 0 ->
            printf("hub %d lets the right go\n", h);
            hubs[h].db.holder = 0; STEP(h)
#endif
        /* the centre */
#if PIN_LATE
        :: !PINNED -> printf("the right is pinned to the store, by hub %d\n", current); home = current
#endif
        :: free > 0 && LEFT(current) < LEASE && at[current].state == ACTIVE ->
            printf("the store's lease is topped up\n");
            top_up()
#ifdef SAME_HUB_EPOCH
        :: !reassigned -> printf("the centre assigns another hub\n"); assign()
#else
        :: current < ASSIGNMENTS -> printf("the centre assigns another hub\n"); assign()
#endif
        fi;
        printf("  redeemed %d accepted %d; free %d out %d spent %d stranded %d\n", redeemed, accepted, free,
               outstanding, spent, stranded);
        t = 0;
        h = 0;
        check()
    }
    od
}
