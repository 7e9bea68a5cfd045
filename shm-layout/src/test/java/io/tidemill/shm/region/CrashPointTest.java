package io.tidemill.shm.region;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every death in every region class. Fails, too, when a write in the sources is in no scenario, or
 * a public method neither writes in one nor is known to only read.
 */
@Tag("exhaustive")
class CrashPointTest {
  /** Public methods that write nothing, by class; the others have to be seen writing. */
  private static final Set<String> READERS =
      Set.of(
          "Control: bytes counterAt createdMillis epoch errors incarnation lastSequence outcomeRun"
              + " outcomesForced pid slotsUsed startedMillis submissionRun submissionsOldest"
              + " millisAt nanosAt nanoTime sweepAsked sweepDone beats phase count nowMillis"
              + " wallMillis",
          "ErrorLog: entries",
          "Mapping: bytes capacity entry forEach worker",
          "LeaseTable: bytes read",
          "NoteTable: bytes read",
          "PartialRing: bytes end oldest read",
          "PartialRing$Part: attempt data lease length position",
          "RegionHeader: boot capacity isKind sealed stamp version",
          "Ring: isEmpty isOverflown size",
          "Rings: bytes event index kind plmToRegister plmToScheduler registerToPlm"
              + " registerToScheduler schedulerToRegister",
          "RuleTable: bytes capacity read version",
          "TaskHeap: best bytes first isBefore lane lanesMax peek priority second sequence size"
              + " slot",
          "TaskHeap$LaneHeap: first isEmpty second size",
          "TaskTable: bytes capacity contains isRetired word wordOf isDisk isStartKnown isCancelAsked number"
              + " returns isSuspect hasTerms",
          "TermsTable: backoffHundredths backoffInitialMillis backoffMaxMillis bytes dueNanos"
              + " endByNanos affinity jitterPercent runAtMillis startByNanos isHeldBack",
          "TypeTable: bytes capacity count find name",
          "WakeUp: isAsleep",
          "WorkerHeap: bytes capacity contains inFlight room rowAt size window",
          "WorkerTable: bytes capacity queued registeredMillis registration running cpuMilli"
              + " incarnation typeMicros");

  @Test
  void survivesADeathAtEveryWriteOfEveryOperation() throws ClassNotFoundException {
    WriteSites sites = new WriteSites();
    CrashRunner runner = new CrashRunner(sites);
    List<Scenario> scenarios = new ArrayList<>();
    scenarios.addAll(TaskScenarios.all());
    scenarios.addAll(HeapScenarios.all());
    scenarios.addAll(RowScenarios.all());
    scenarios.addAll(RingScenarios.all());
    scenarios.addAll(ControlScenarios.all());
    scenarios.forEach(runner::run);
    System.out.printf(
        "crash points of the regions: %d scenarios, %d of %d writes in the sources, %d points, %d"
            + " in recoveries (%d deaths there), %d meetings of two processes%n",
        scenarios.size(),
        sites.passed().size(),
        sites.all().size(),
        runner.operationPoints(),
        runner.recoveryPoints(),
        runner.recoveryRuns(),
        runner.pairRuns());
    Set<String> left = new TreeSet<>(sites.all());
    left.removeAll(sites.passed());
    assertThat(left).as("writes that no scenario stops at").isEmpty();
    assertThat(unknown(sites)).as("neither seen writing nor known as readers").isEmpty();
  }

  private static Set<String> unknown(WriteSites sites) throws ClassNotFoundException {
    Set<String> unknown = new TreeSet<>();
    for (String name : sites.classes()) {
      if (!name.equals("package-info")) {
        Class<?> type = Class.forName(CrashPointTest.class.getPackageName() + "." + name);
        collect(type, sites, unknown);
        for (Class<?> inner : type.getDeclaredClasses()) {
          collect(inner, sites, unknown);
        }
      }
    }
    return unknown;
  }

  private static void collect(Class<?> type, WriteSites sites, Set<String> unknown) {
    if (!Modifier.isFinal(type.getModifiers())
        || type.isRecord()
        || type.isEnum()
        || !seesMemory(type)) {
      return;
    }
    String name = type.getName().substring(type.getPackageName().length() + 1);
    for (Method method : type.getDeclaredMethods()) {
      String at = name + "." + method.getName();
      if (Modifier.isPublic(method.getModifiers())
          && !method.isSynthetic()
          && !sites.writers().contains(at)
          && !isReader(name, method.getName())) {
        unknown.add(at);
      }
    }
  }

  /** It has a memory, or takes one, or is within one that has. */
  private static boolean seesMemory(Class<?> type) {
    Class<?> outer = type.getDeclaringClass() == null ? type : type.getDeclaringClass();
    for (var field : outer.getDeclaredFields()) {
      if (field.getType().getSimpleName().equals("Memory")) {
        return true;
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      for (Class<?> parameter : method.getParameterTypes()) {
        if (parameter.getSimpleName().equals("Memory")) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isReader(String type, String method) {
    for (String line : READERS) {
      String[] parts = line.split(": ");
      if (parts[0].equals(type) && List.of(parts[1].split(" ")).contains(method)) {
        return true;
      }
    }
    return false;
  }
}
