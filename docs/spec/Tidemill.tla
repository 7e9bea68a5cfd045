------------------------------ MODULE Tidemill ------------------------------
(* What Tidemill promises, and the rules that make it so, as a model that a machine goes through state by state.

   It follows the code: a slot's states are those of TaskState, its moves are the methods of TaskTable, and each process
   does one thing at a time in steps between which it may die. What a step writes is one store or one compare-and-set
   there. Read it from below: the invariants say what is promised, Next lists what can happen.

   BROKEN names a rule that is left out; "none" is the design as it is. README.md has what becomes of each. *)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  REQUESTS,    \* what clients submit, each with a request id of its own, again and again until it is acknowledged
  WORKERS, SLOTS,
  KINDS,       \* what handlers may report: "SUCCEEDED", "FAILED"
  DISK,        \* TRUE: durability disk, FALSE: process
  ATTEMPTS,    \* failed attempts after which a task is over
  RETURNS,     \* leases lost while running after which a task is DEAD (task.returns.max)
  LEASES,      \* leases after which a task is DEAD (LEASE_MAX)
  DEATHS,      \* how many processes may die, workers included
  POWER,       \* how often the power may go
  LATE,        \* how often a worker may be taken for dead though it lives: it is a zombie then
  CANCELS,     \* how many cancellations may be asked
  TIMED,       \* TRUE: tasks have terms: they may not be due yet, wait between attempts, and expire
  BROKEN

VARIABLES
  slot,        \* the task table; the state word and the fields that matter here
  heap,        \* the Main Scheduler's indexes: of what is READY, and of what is WAITING for its time
  sweep,       \* whether it was asked to make that anew
  dying,       \* the ring to the Register: ids that are to end as DEAD
  subs, subsForced, outs, outsForced,   \* the journals, and how much of each is on the disk for certain
  epoch,       \* durable; part of ids and tokens
  plm, sch, reg,   \* what each process is at
  ghost,       \* what a Register was at that was replaced before it was dead
  hold,        \* worker -> tokens of the leases that it holds
  gone,        \* workers that died and have leases still
  net,         \* reports that workers sent; each may come late, and again
  kept,        \* ended tasks that the PLM answers for from memory
  budget,      \* how much harm may still be done
  acked, told, answered,   \* what clients and workers were told: acknowledgements, verdicts, results
  issued, again, ran       \* all tokens ever given, whether one was given twice, and the leases lost that had been taken up

vars == <<slot, heap, sweep, dying, subs, subsForced, outs, outsForced, epoch, plm, sch, reg, ghost, hold, gone, net,
          kept, budget, acked, told, answered, issued, again, ran>>
disk == <<subs, subsForced, outs, outsForced, epoch>>
said == <<acked, told, answered, issued, again, ran>>
outside == <<hold, gone, net>>

None == "none"
NoId == [slot |-> 0, gen |-> 0, epoch |-> 0]
Ends == {"SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "DEAD"}
Leased == {"ASSIGNED", "RUNNING"}
Unheld == {"READY", "WAITING"}
Live == Leased \cup Unheld \cup {"RECORDING"}
MayWait == IF TIMED THEN Unheld ELSE {"READY"}
LookedAt == IF TIMED THEN "WAITING" ELSE "READY"   \* where a slot goes that may not be due: the Main Scheduler looks

\* Every move of a slot, by the name of its method in TaskTable. 
Moves == {
  <<"fill", "FREE", "FILLING">>,         <<"publish", "FILLING", "READY">>,     <<"abandon", "FILLING", "FREE">>,
  <<"publish", "FILLING", "WAITING">>,   <<"promote", "WAITING", "READY">>,       <<"record", "WAITING", "RECORDING">>,
  <<"postpone", "RECORDING", "WAITING">>, <<"unrecord", "RECORDING", "WAITING">>,
  <<"end", "RECORDING", "EXPIRED">>,     <<"free", "EXPIRED", "FREE">>,
  <<"assign", "READY", "ASSIGNED">>,     <<"start", "ASSIGNED", "RUNNING">>,
  <<"requeue", "ASSIGNED", "READY">>,    <<"requeue", "RUNNING", "READY">>,
  <<"record", "READY", "RECORDING">>,    <<"record", "ASSIGNED", "RECORDING">>, <<"record", "RUNNING", "RECORDING">>,
  <<"end", "RECORDING", "SUCCEEDED">>,   <<"end", "RECORDING", "FAILED">>,      <<"end", "RECORDING", "CANCELLED">>,
  <<"end", "RECORDING", "DEAD">>,
  <<"retry", "RECORDING", "READY">>,     <<"unrecord", "RECORDING", "RUNNING">>, <<"unrecord", "RECORDING", "READY">>,
  <<"free", "SUCCEEDED", "FREE">>,       <<"free", "FAILED", "FREE">>,          <<"free", "CANCELLED", "FREE">>,
  <<"free", "DEAD", "FREE">> }

\* suspect: a lease was lost of which nobody knows whether its handler had begun. at: what its worker does with the lease, which
\* stands in no memory: it is "held", "announced" (its handler begins once that is known), or its handler has "begun".
Free(gen) == [state |-> "FREE", gen |-> gen, lease |-> 0, owner |-> None, id |-> NoId, attempts |-> 0, returns |-> 0,
              suspect |-> FALSE, at |-> "held", cancel |-> FALSE, out |-> 0]
Idle == [do |-> "idle"]
Down == [do |-> "down"]
Settling == [do |-> "settle"]

\* A lease as the outside knows it. The number alone repeats: with another task in the slot, and after a rebuild.
Token(s) == [id |-> slot[s].id, epoch |-> epoch, lease |-> slot[s].lease]

Submitted(id) == \E i \in DOMAIN subs : subs[i].id = id
Record(i) == [id |-> outs[i].id, token |-> outs[i].token, end |-> outs[i].end]
OutcomesOf(id) == {i \in DOMAIN outs : outs[i].id = id /\ outs[i].end \in Ends}
First(is) == CHOOSE i \in is : \A j \in is : i <= j
RecordOf(t) == {i \in DOMAIN outs : outs[i].token = t}

Init ==
  /\ slot = [s \in SLOTS |-> Free(0)] /\ heap = {} /\ sweep = FALSE /\ dying = {}
  /\ subs = <<>> /\ subsForced = 0 /\ outs = <<>> /\ outsForced = 0 /\ epoch = 1
  /\ plm = Idle /\ sch = Idle /\ reg = Idle /\ ghost = Idle
  /\ hold = [w \in WORKERS |-> {}] /\ gone = {} /\ net = {} /\ kept = {}
  /\ budget = [deaths |-> DEATHS, power |-> POWER, late |-> LATE, cancels |-> CANCELS]
  /\ acked = {} /\ told = {} /\ answered = {} /\ issued = {} /\ again = FALSE /\ ran = {}

-----------------------------------------------------------------------------
(* The PLM: Acceptance, RequestIds, Ends, Cancels, StartUp *)

Known(r) == BROKEN # "request-id" /\ \E i \in DOMAIN subs : subs[i].req = r

Fill(r, s) ==
  /\ plm = Idle /\ slot[s].state = "FREE" /\ ~Known(r) /\ slot[s].gen < Cardinality(REQUESTS)
  /\ LET gen == slot[s].gen + 1
         id == [slot |-> s, gen |-> IF BROKEN = "generation" THEN 1 ELSE gen, epoch |-> epoch]
     IN /\ slot' = [slot EXCEPT ![s] = [Free(gen) EXCEPT !.state = "FILLING", !.id = id]]
        /\ plm' = [do |-> "append", s |-> s, r |-> r]
        /\ acked' = IF BROKEN = "ack-first" THEN acked \cup {[req |-> r, id |-> id]} ELSE acked
  /\ UNCHANGED <<disk, heap, sweep, dying, sch, reg, ghost, outside, kept, budget, told, answered, issued, again, ran>>

AppendSubmission ==
  /\ plm.do = "append" /\ plm' = [plm EXCEPT !.do = "publish"]
  /\ subs' = Append(subs, [req |-> plm.r, id |-> slot[plm.s].id])
  /\ UNCHANGED <<slot, heap, sweep, dying, subsForced, outs, outsForced, epoch, sch, reg, ghost, outside, kept, budget, said>>

Publish ==
  /\ plm.do = "publish" /\ plm' = [plm EXCEPT !.do = "offer"]
  /\ \E state \in MayWait : slot' = [slot EXCEPT ![plm.s].state = state]
  /\ UNCHANGED <<disk, heap, sweep, dying, sch, reg, ghost, outside, kept, budget, said>>

Offer ==   \* over the ring; what a crash leaves out is found by a sweep
  /\ plm.do = "offer" /\ plm' = Idle
  /\ heap' = heap \cup {plm.s}
  /\ UNCHANGED <<slot, disk, sweep, dying, sch, reg, ghost, outside, kept, budget, said>>

\* For a submission just accepted and for one that comes again.
Acknowledge(r) ==
  /\ plm = Idle
  /\ \E i \in DOMAIN subs :
       /\ subs[i].req = r
       /\ DISK /\ BROKEN # "ack-unforced" => i <= subsForced
       /\ [req |-> r, id |-> subs[i].id] \notin acked
       /\ acked' = acked \cup {[req |-> r, id |-> subs[i].id]}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, told, answered, issued, again, ran>>

Cancel(s) ==
  /\ plm = Idle /\ budget.cancels > 0 /\ slot[s].state \in Live /\ ~slot[s].cancel
  /\ slot' = [slot EXCEPT ![s].cancel = TRUE]
  /\ budget' = [budget EXCEPT !.cancels = @ - 1]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, said>>

\* Answers whoever waits, keeps the result for a while, and frees the slot.
Take(s) ==
  /\ plm = Idle /\ slot[s].state \in Ends
  /\ DISK /\ BROKEN # "result-unforced" => slot[s].out <= outsForced
  /\ slot' = [slot EXCEPT ![s] = Free(slot[s].gen)]
  /\ answered' = answered \cup {Record(slot[s].out)}
  /\ kept' = kept \cup {slot[s].id}
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, budget, acked, told, issued, again, ran>>

AnswerKept(id) ==
  /\ plm = Idle /\ id \in kept
  /\ Record(First(OutcomesOf(id))) \notin answered
  /\ answered' = answered \cup {Record(First(OutcomesOf(id)))}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, acked, told, issued, again, ran>>

ForceSubmissions ==
  /\ DISK /\ plm.do \notin {"down", "settle"} /\ subsForced < Len(subs) /\ subsForced' = Len(subs)
  /\ UNCHANGED <<slot, heap, sweep, dying, subs, outs, outsForced, epoch, plm, sch, reg, ghost, outside, kept, budget, said>>

\* What is in a slot still is taken from there when its time has come; only the others are answered for from the journal.
PlmStarts ==
  /\ plm = Down /\ plm' = Settling
  /\ kept' = {outs[i].id : i \in {j \in DOMAIN outs :
                /\ outs[j].end \in Ends
                /\ BROKEN = "start-unforced" \/ \A s \in SLOTS : slot[s].id # outs[j].id}}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, sch, reg, ghost, outside, budget, said>>

SettleFilling(s) ==
  /\ plm = Settling /\ slot[s].state = "FILLING"
  /\ slot' = IF Submitted(slot[s].id) /\ BROKEN # "settle-filling"
             THEN [slot EXCEPT ![s].state = LookedAt] ELSE [slot EXCEPT ![s] = Free(slot[s].gen)]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

PlmServes ==
  /\ plm = Settling /\ \A s \in SLOTS : slot[s].state # "FILLING"
  /\ plm' = Idle /\ sweep' = (sweep \/ BROKEN # "sweep")
  /\ UNCHANGED <<slot, heap, dying, disk, sch, reg, ghost, outside, kept, budget, said>>

-----------------------------------------------------------------------------
(* The Main Scheduler: SchedulerAgent, DueTasks, Leases *)

\* Its time has come, or it had come long ago.
Due(s) ==
  /\ sch = Idle /\ s \in heap /\ slot[s].state = "WAITING"
  /\ slot' = [slot EXCEPT ![s].state = "READY"]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

Assign(s, w) ==
  /\ sch = Idle /\ s \in heap /\ slot[s].state = "READY" /\ slot[s].lease < LEASES /\ w \notin gone
  /\ heap' = heap \ {s}
  /\ slot' = [slot EXCEPT ![s].state = "ASSIGNED", ![s].lease = @ + 1, ![s].owner = w]
  /\ LET t == [Token(s) EXCEPT !.lease = @ + 1]
     IN issued' = issued \cup {t} /\ again' = (again \/ t \in issued)
  /\ UNCHANGED <<sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, acked, told, answered, ran>>

NoLeaseLeft(s) ==
  /\ sch = Idle /\ s \in heap /\ slot[s].state = "READY" /\ slot[s].lease = LEASES
  /\ heap' = heap \ {s} /\ dying' = dying \cup {[id |-> slot[s].id, why |-> "leases"]}
  /\ UNCHANGED <<slot, sweep, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

\* Down the worker's stream; again when the stream comes again and the worker does not name the lease.
Send(s) ==
  /\ sch.do # "down" /\ slot[s].state = "ASSIGNED" /\ slot[s].owner \notin gone
  /\ Token(s) \notin hold[slot[s].owner]
  /\ hold' = [hold EXCEPT ![slot[s].owner] = @ \cup {Token(s)}]
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, gone, net, kept, budget, said>>

\* Of a worker that is gone, or is taken for gone: a lost beat, an overrun timeout, a broken stream.
Requeue(s) ==
  /\ sch = Idle /\ slot[s].state \in Leased
  /\ \/ slot[s].owner \in gone /\ UNCHANGED budget
     \/ slot[s].owner \notin gone /\ budget.late > 0 /\ budget' = [budget EXCEPT !.late = @ - 1]
  /\ slot' = [slot EXCEPT ![s].state = "READY", ![s].owner = None, ![s].at = "held"]
  /\ sch' = [do |-> "requeued", s |-> s, token |-> Token(s), tookUp |-> slot[s].at # "held",
             more |-> IF slot[s].state = "RUNNING" \/ BROKEN = "blame-held" THEN 1 ELSE 0]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, reg, ghost, outside, kept, said>>

\* By now the slot may have another task: what is counted, and who is to die, goes by the id. A crash before this forgets the mark.
CountReturn ==
  /\ sch.do = "requeued" /\ sch' = Idle
  /\ LET s == sch.s
         blind == BROKEN = "count-blindly"
         mine == slot[s].id = sch.token.id
         count == slot[s].returns + sch.more
         whom == IF blind THEN slot[s].id ELSE sch.token.id
         unknown == sch.more = 0 /\ BROKEN # "mark"
     IN /\ slot' = IF (mine \/ blind) /\ slot[s].state # "FREE"
                   THEN [slot EXCEPT ![s].returns = count, ![s].suspect = @ \/ unknown] ELSE slot
        /\ IF (mine \/ blind) /\ whom # NoId /\ count >= RETURNS
           THEN dying' = dying \cup {[id |-> whom, why |-> "returns"]} /\ UNCHANGED heap
           ELSE heap' = heap \cup {s} /\ UNCHANGED dying
  /\ ran' = IF sch.tookUp THEN ran \cup {[token |-> sch.token, known |-> sch.more = 1]} ELSE ran
  /\ UNCHANGED <<sweep, disk, plm, reg, ghost, outside, kept, budget, acked, told, answered, issued, again>>

UnheldSlots == {s \in SLOTS : slot[s].state \in Unheld}

Sweep ==
  /\ sch = Idle /\ sweep /\ sweep' = FALSE /\ heap' = UnheldSlots
  /\ UNCHANGED <<slot, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

SchedulerStarts ==
  /\ sch = Down /\ sch' = Idle /\ sweep' = FALSE
  /\ heap' = IF BROKEN = "sweep" THEN {} ELSE UnheldSlots
  /\ UNCHANGED <<slot, dying, disk, plm, reg, ghost, outside, kept, budget, said>>

-----------------------------------------------------------------------------
(* The workers, remote: they outlive everything here. *)

Under(w, t) ==
  LET s == t.id.slot IN slot[s].state \in Leased /\ Token(s) = t /\ slot[s].owner = w

\* The handler of a suspect begins once the Register has answered that its start is known, which is taken to come at once.
MayBegin(w, t) ==
  LET s == t.id.slot
  IN Under(w, t) /\ slot[s].suspect /\ BROKEN # "begin-unknown" => slot[s].state = "RUNNING"

Begin(w, t) ==
  /\ Under(w, t) /\ slot[t.id.slot].at # "begun" /\ MayBegin(w, t)
  /\ slot' = [slot EXCEPT ![t.id.slot].at = "begun"]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

Finish(w, t, kind) ==
  /\ t \in hold[w] /\ MayBegin(w, t) /\ \A m \in net : m.token # t \/ m.worker # w
  /\ net' = net \cup {[worker |-> w, token |-> t, kind |-> kind]}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, hold, gone, kept, budget, said>>

WorkerDies(w) ==
  /\ budget.deaths > 0 /\ w \notin gone /\ hold[w] # {}
  /\ budget' = [budget EXCEPT !.deaths = @ - 1]
  /\ hold' = [hold EXCEPT ![w] = {}] /\ gone' = gone \cup {w}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, net, kept, said>>

\* It registers again, and is served once its former leases were taken back.
WorkerReturns(w) ==
  /\ w \in gone /\ \A s \in SLOTS : slot[s].owner # w
  /\ gone' = gone \ {w}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, hold, net, kept, budget, said>>

-----------------------------------------------------------------------------
(* The Register: Heartbeats, Reports, Recorder, Committer, Endings, Settlement *)

\* A start is told after it, or announced before it.
Start(w, t) ==
  /\ reg = Idle /\ Under(w, t)
  /\ LET s == t.id.slot
     IN /\ slot[s].state = "ASSIGNED" /\ (slot[s].at = "begun" \/ slot[s].suspect)
        /\ slot' = [slot EXCEPT ![s].state = "RUNNING", ![s].at = IF @ = "held" THEN "announced" ELSE @]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

\* Whether a report is that of the lease that its slot is under.
Holds(m) ==
  LET s == m.token.id.slot
  IN /\ slot[s].id # NoId
     /\ slot[s].state \in Leased \cup (IF BROKEN = "first-wins" THEN Ends ELSE {})
     /\ m.token.id = slot[s].id
     /\ BROKEN \notin {"fence", "first-wins"} => Token(s) = m.token /\ slot[s].owner = m.worker

WhatOf(m, s) ==
  IF m.kind = "FAILED" /\ slot[s].attempts + 1 < ATTEMPTS
  THEN (IF slot[s].cancel THEN "CANCELLED" ELSE "attempt") ELSE m.kind

RecordReport(m) ==
  /\ reg = Idle /\ Holds(m)
  /\ LET s == m.token.id.slot
         what == WhatOf(m, s)
     IN /\ \E end \in IF TIMED /\ what = "attempt" THEN {what, "EXPIRED"} ELSE {what} :
             reg' = [do |-> "append", s |-> s, id |-> slot[s].id, token |-> m.token, what |-> end, why |-> None,
                     worker |-> m.worker, right |-> Token(s) = m.token /\ slot[s].owner = m.worker]
        /\ slot' = [slot EXCEPT ![s].state = "RECORDING", ![s].at = "begun"]
  /\ told' = IF BROKEN = "verdict-first" THEN told \cup {m.token} ELSE told
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, acked, answered, issued, again, ran>>

RecordOwn(s, what, why) ==
  /\ reg' = [do |-> "append", s |-> s, id |-> slot[s].id, token |-> Token(s), what |-> what, why |-> why,
             worker |-> None, right |-> TRUE]
  /\ slot' = [slot EXCEPT ![s].state = "RECORDING"]

EndCancelled(s) ==
  /\ reg = Idle /\ slot[s].cancel /\ slot[s].state \in Unheld /\ RecordOwn(s, "CANCELLED", None)
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, said>>

\* A deadline is over, at whatever time: asked by the Main Scheduler, or found by a scan.
EndExpired(s) ==
  /\ reg = Idle /\ TIMED /\ slot[s].state \in Unheld /\ RecordOwn(s, "EXPIRED", None)
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, said>>

EndDead(d) ==
  /\ reg = Idle /\ d \in dying /\ dying' = dying \ {d}
  /\ LET s == d.id.slot
     IN IF slot[s].id = d.id /\ slot[s].state \in Unheld THEN RecordOwn(s, "DEAD", d.why) ELSE UNCHANGED <<slot, reg>>
  /\ UNCHANGED <<heap, sweep, disk, plm, sch, ghost, outside, kept, budget, said>>

AppendOutcome ==
  /\ reg.do = "append" /\ reg' = [reg EXCEPT !.do = "end"]
  /\ outs' = Append(outs, [id |-> reg.id, token |-> reg.token, end |-> reg.what, why |-> reg.why])
  /\ UNCHANGED <<slot, heap, sweep, dying, subs, subsForced, outsForced, epoch, plm, sch, ghost, outside, kept, budget, said>>

End ==
  /\ reg.do = "end" /\ reg.what \in Ends /\ reg' = [reg EXCEPT !.do = "tell"]
  /\ slot' = [slot EXCEPT ![reg.s].state = reg.what, ![reg.s].out = Len(outs), ![reg.s].at = "held"]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, said>>

Retry ==
  /\ reg.do = "end" /\ reg.what = "attempt" /\ reg' = [reg EXCEPT !.do = "ready"]
  /\ \E state \in MayWait :
       slot' = [slot EXCEPT ![reg.s].state = state, ![reg.s].owner = None, ![reg.s].attempts = @ + 1, ![reg.s].at = "held"]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, said>>

OfferRetried ==
  /\ reg.do = "ready" /\ reg' = [reg EXCEPT !.do = "tell"] /\ heap' = heap \cup {reg.s}
  /\ UNCHANGED <<slot, sweep, dying, disk, plm, sch, ghost, outside, kept, budget, said>>

Forced(i) == DISK /\ BROKEN # "verdict-unforced" => i <= outsForced
Dropped(w, t) == [v \in WORKERS |-> IF v = w THEN hold[v] \ {t} ELSE hold[v]]

\* The verdict: recorded. The worker drops its result only now.
Tell ==
  /\ reg.do = "tell" /\ reg' = Idle /\ \A i \in RecordOf(reg.token) : Forced(i)
  /\ told' = IF reg.worker = None THEN told ELSE told \cup {reg.token}
  /\ hold' = Dropped(reg.worker, reg.token)
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, ghost, gone, net, kept, budget, acked, answered, issued, again, ran>>

\* A report that comes again, or too late: recorded before, SUPERSEDED or STALE.
Refuse(m) ==
  /\ reg = Idle /\ m.token \in hold[m.worker] /\ ~Holds(m)
  /\ LET before == RecordOf(m.token)
     IN /\ \A i \in before : Forced(i)
        /\ told' = IF before = {} THEN told ELSE told \cup {m.token}
  /\ hold' = Dropped(m.worker, m.token)
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, reg, ghost, gone, net, kept, budget, acked, answered, issued, again, ran>>

ForceOutcomes ==
  /\ DISK /\ reg.do \notin {"down", "settle"} /\ outsForced < Len(outs) /\ outsForced' = Len(outs)
  /\ UNCHANGED <<slot, heap, sweep, dying, subs, subsForced, outs, epoch, plm, sch, reg, ghost, outside, kept, budget, said>>

\* A server is replaced once the kernel has freed its lock, which it does when the process is dead, not when it is stopped.
RegisterStarts ==
  /\ \/ reg = Down /\ UNCHANGED ghost
     \/ BROKEN = "lock" /\ ghost = Idle /\ reg.do = "append" /\ ghost' = reg
  /\ reg' = Settling /\ dying' = {}
  /\ UNCHANGED <<slot, heap, sweep, disk, plm, sch, outside, kept, budget, said>>

GhostAppends ==
  /\ ghost.do = "append" /\ ghost' = Idle
  /\ outs' = Append(outs, [id |-> ghost.id, token |-> ghost.token, end |-> ghost.what, why |-> ghost.why])
  /\ UNCHANGED <<slot, heap, sweep, dying, subs, subsForced, outsForced, epoch, plm, sch, reg, outside, kept, budget, said>>

\* The journal says where a slot belongs that was left RECORDING: end, retry or unrecord. A slot without an owner was being
\* ended by the Register itself; its number is that of an earlier lease, whose failed attempt may stand in the journal.
SettleRecording(s) ==
  /\ reg = Settling /\ slot[s].state = "RECORDING"
  /\ LET found == IF BROKEN = "settle-recording" THEN {}
                  ELSE {i \in RecordOf(Token(s)) :
                          outs[i].end \in Ends \/ slot[s].owner # None \/ BROKEN = "settle-attempt"}
         end == outs[First(found)].end
     IN slot' = IF found = {}
                THEN [slot EXCEPT ![s].state = IF slot[s].owner = None THEN LookedAt ELSE "RUNNING"]
                ELSE IF end \in Ends
                THEN [slot EXCEPT ![s].state = end, ![s].out = First(found), ![s].at = "held"]
                ELSE [slot EXCEPT ![s].state = LookedAt, ![s].owner = None, ![s].attempts = @ + 1, ![s].at = "held"]
  /\ UNCHANGED <<heap, sweep, dying, disk, plm, sch, reg, ghost, outside, kept, budget, said>>

RegisterServes ==
  /\ reg = Settling /\ \A s \in SLOTS : slot[s].state # "RECORDING"
  /\ reg' = Idle /\ sweep' = (sweep \/ BROKEN # "sweep")
  /\ dying' = dying \cup {[id |-> slot[s].id, why |-> "returns"] : s \in {r \in UnheldSlots : slot[r].returns >= RETURNS}}
  /\ UNCHANGED <<slot, heap, disk, plm, sch, ghost, outside, kept, budget, said>>

-----------------------------------------------------------------------------
(* Deaths *)

Dies(p) == p.do # "down" /\ budget.deaths > 0 /\ budget' = [budget EXCEPT !.deaths = @ - 1]

PlmDies ==
  /\ Dies(plm) /\ plm' = Down /\ kept' = {}
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, sch, reg, ghost, outside, said>>

SchedulerDies ==
  /\ Dies(sch) /\ sch' = Down /\ heap' = {}
  /\ UNCHANGED <<slot, sweep, dying, disk, plm, reg, ghost, outside, kept, said>>

RegisterDies ==
  /\ Dies(reg) /\ reg' = Down
  /\ UNCHANGED <<slot, heap, sweep, dying, disk, plm, sch, ghost, outside, kept, said>>

\* What a slot is after a rebuild: the last task that the journal has for it, if that has no outcome.
Rebuilt(s, submissions, outcomes) ==
  LET mine == {i \in DOMAIN submissions : submissions[i].id.slot = s}
      last == CHOOSE i \in mine : \A j \in mine : j <= i
      id == submissions[last].id
      over == \E j \in DOMAIN outcomes : outcomes[j].id = id /\ outcomes[j].end \in Ends
      tries == Cardinality({j \in DOMAIN outcomes : outcomes[j].id = id})
  IN IF mine = {} THEN Free(0)
     ELSE IF over THEN Free(id.gen)
     ELSE [Free(id.gen) EXCEPT !.state = LookedAt, !.id = id, !.attempts = tries]

\* Of each journal stays what was forced, and any part of what came behind. With process durability that much may be lost,
\* and what was said of it is no promise any more.
PowerFails ==
  /\ budget.power > 0 /\ budget' = [budget EXCEPT !.power = @ - 1]
  /\ \E k \in subsForced..Len(subs), j \in outsForced..Len(outs) :
       LET submissions == SubSeq(subs, 1, k)
           outcomes == SubSeq(outs, 1, j)
           saved(id) == \E i \in DOMAIN submissions : submissions[i].id = id
           stays(t) == \E i \in DOMAIN outcomes : outcomes[i].token = t
           keeps(a) == \E i \in DOMAIN outcomes : outcomes[i].id = a.id /\ outcomes[i].token = a.token /\ outcomes[i].end = a.end
       IN /\ subs' = submissions /\ outs' = outcomes /\ subsForced' = k /\ outsForced' = j
          /\ slot' = [s \in SLOTS |-> Rebuilt(s, submissions, outcomes)]
          /\ acked' = IF DISK THEN acked ELSE {a \in acked : saved(a.id)}
          /\ told' = IF DISK THEN told ELSE {t \in told : stays(t)}
          /\ answered' = IF DISK THEN answered ELSE {a \in answered : keeps(a)}
  /\ epoch' = IF BROKEN = "epoch" THEN epoch ELSE epoch + 1
  /\ plm' = Down /\ sch' = Down /\ reg' = Down /\ ghost' = Idle
  /\ heap' = {} /\ sweep' = FALSE /\ dying' = {} /\ kept' = {}
  /\ ran' = {[r EXCEPT !.known = TRUE] : r \in ran}   \* marks are forgotten: what was not known is none of what is promised
  /\ UNCHANGED <<outside, issued, again>>

-----------------------------------------------------------------------------
Next ==
  \/ \E r \in REQUESTS, s \in SLOTS : Fill(r, s)
  \/ AppendSubmission \/ Publish \/ Offer \/ ForceSubmissions \/ PlmStarts \/ PlmServes
  \/ \E r \in REQUESTS : Acknowledge(r)
  \/ \E s \in SLOTS : Cancel(s) \/ Take(s) \/ SettleFilling(s)
  \/ \E id \in kept : AnswerKept(id)
  \/ \E s \in SLOTS, w \in WORKERS : Assign(s, w)
  \/ \E s \in SLOTS : Due(s) \/ NoLeaseLeft(s) \/ Send(s) \/ Requeue(s)
  \/ CountReturn \/ Sweep \/ SchedulerStarts
  \/ \E w \in WORKERS : WorkerDies(w) \/ WorkerReturns(w)
  \/ \E w \in WORKERS : \E t \in hold[w] : Start(w, t) \/ Begin(w, t) \/ \E kind \in KINDS : Finish(w, t, kind)
  \/ \E m \in net : RecordReport(m) \/ Refuse(m)
  \/ \E s \in SLOTS : EndCancelled(s) \/ EndExpired(s) \/ SettleRecording(s)
  \/ \E d \in dying : EndDead(d)
  \/ AppendOutcome \/ End \/ Retry \/ OfferRetried \/ Tell \/ ForceOutcomes \/ RegisterStarts \/ RegisterServes
  \/ GhostAppends
  \/ PlmDies \/ SchedulerDies \/ RegisterDies \/ PowerFails

Spec == Init /\ [][Next]_vars

\* What goes on by itself if it can: every server is started again, every handler ends, what is due is done.
Fair ==
  /\ WF_vars(AppendSubmission) /\ WF_vars(Publish) /\ WF_vars(Offer) /\ WF_vars(PlmStarts) /\ WF_vars(PlmServes)
  /\ \A r \in REQUESTS : WF_vars(Acknowledge(r))
  /\ \A s \in SLOTS : WF_vars(SettleFilling(s)) /\ WF_vars(Due(s)) /\ WF_vars(\E w \in WORKERS : Assign(s, w)) /\ WF_vars(NoLeaseLeft(s))
       /\ WF_vars(Send(s)) /\ WF_vars(Requeue(s) /\ slot[s].owner \in gone) /\ WF_vars(EndCancelled(s))
       /\ WF_vars(SettleRecording(s))
  /\ WF_vars(CountReturn) /\ WF_vars(Sweep) /\ WF_vars(SchedulerStarts)
  /\ \A w \in WORKERS : WF_vars(WorkerReturns(w)) /\ WF_vars(\E t \in hold[w] : Start(w, t)) /\ WF_vars(\E t \in hold[w], kind \in KINDS : Finish(w, t, kind))
  /\ WF_vars(\E m \in net : RecordReport(m)) /\ WF_vars(\E d \in dying : EndDead(d))
  /\ WF_vars(AppendOutcome) /\ WF_vars(End) /\ WF_vars(Retry) /\ WF_vars(OfferRetried) /\ WF_vars(Tell)
  /\ WF_vars(ForceSubmissions) /\ WF_vars(ForceOutcomes) /\ WF_vars(RegisterStarts) /\ WF_vars(RegisterServes)

FairSpec == Spec /\ Fair

-----------------------------------------------------------------------------
(* The promises *)

NothingAcceptedIsLost == \A a \in acked : Submitted(a.id)
AcceptedHasSlot == \A a \in acked : OutcomesOf(a.id) # {} \/ \E s \in SLOTS : slot[s].id = a.id
OneTaskForARequest == \A i, j \in DOMAIN subs : subs[i].req = subs[j].req => i = j
OneOutcome == \A i, j \in DOMAIN outs : outs[i].end \in Ends /\ outs[j].end \in Ends /\ outs[i].id = outs[j].id => i = j
VerdictIsRecorded == \A t \in told : RecordOf(t) # {}
AnswerIsRecorded == \A a \in answered : \E i \in DOMAIN outs : Record(i) = a
EndIsRecorded == \A s \in SLOTS : slot[s].state \in Ends => slot[s].out \in OutcomesOf(slot[s].id)
LeaseIsHeld == reg.do \in {"append", "end", "tell"} => reg.right
LeasesAreNew == ~again
IdsAreNew == \A i, j \in DOMAIN subs : subs[i].id = subs[j].id => i = j
DeadIsDeserved == \A i \in DOMAIN outs :
  outs[i].end = "DEAD" /\ outs[i].why = "returns" => Cardinality({r \in ran : r.token.id = outs[i].id}) >= RETURNS

\* A task whose handler ends its worker's process is found out: of all the leases lost with it one at most counts for nothing.
UnknownOnce == \A a, b \in ran : ~a.known /\ ~b.known /\ a.token.id = b.token.id => a = b

\* A task that nobody holds stands in an index, or somebody is on his way to put it there, or to end it.
ReadyIsIndexed == \A s \in UnheldSlots :
  \/ s \in heap \/ sweep \/ sch.do = "down" \/ slot[s].cancel \/ slot[s].returns >= RETURNS \/ slot[s].lease >= LEASES
  \/ plm.do \in {"down", "settle"} \/ (plm.do = "offer" /\ plm.s = s)
  \/ reg.do \in {"down", "settle"} \/ (reg.do = "ready" /\ reg.s = s)
  \/ (sch.do = "requeued" /\ sch.s = s)

\* Which request or worker it is makes no difference: TLC looks at one of each set of like states.
Alike == Permutations(REQUESTS) \cup Permutations(WORKERS)

\* Slots move as TaskTable lets them.
OnlyMoves == [][\A s \in SLOTS :
  \/ slot'[s].state = slot[s].state
  \/ budget'.power # budget.power
  \/ \E m \in Moves : m[2] = slot[s].state /\ m[3] = slot'[s].state]_vars

\* An accepted task ends.
AcceptedTasksEnd == \A r \in REQUESTS :
  (\E a \in acked : a.req = r) ~> (\E i \in DOMAIN outs : outs[i].end \in Ends /\ \E a \in acked : a.req = r /\ a.id = outs[i].id)
=============================================================================
