package org.netdev4j.netbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random sequences of every operation on two lists, against plain lists of single bytes. Regression 17. */
class ScatterGatherListModelTest {
    enum Operation {
        APPEND, APPEND_PART, JOIN, SPLIT, CLEAR
    }

    record Step(Operation operation, boolean onFirst, int a, int b, boolean writable) {}

    /** One byte of a list: where it is and whether the device may write it. */
    record Unit(long address, boolean writable) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Operation> operation = Arbitraries.frequency(Tuple.of(8, Operation.APPEND),
                Tuple.of(3, Operation.APPEND_PART), Tuple.of(2, Operation.JOIN),
                Tuple.of(3, Operation.SPLIT), Tuple.of(1, Operation.CLEAR));
        Arbitrary<Integer> number = Arbitraries.integers().between(0, 30);
        Arbitrary<Boolean> bool = Arbitraries.of(true, false);
        return Combinators.combine(operation, bool, number, number, bool).as(Step::new).list().ofMaxSize(60);
    }

    @Property
    void listsHoldTheBytesOfTheModel(@ForAll("steps") List<Step> steps) {
        ScatterGatherList[] lists = {new ScatterGatherList(5), new ScatterGatherList(8)};
        int[] maxSegments = {5, 8};
        List<List<Unit>> models = new ArrayList<>(List.of(List.of(), List.of()));
        for (Step step : steps) {
            int i = step.onFirst ? 0 : 1;
            int other = 1 - i;
            List<Unit> model = models.get(i);
            List<Unit> otherModel = models.get(other);
            switch (step.operation) {
                case APPEND -> {
                    List<Unit> longer = concat(model, units(step.a, step.b, step.writable));
                    boolean done = lists[i].append(step.a, step.b, step.writable);
                    assertEquals(pieces(longer) <= maxSegments[i], done);
                    models.set(i, done ? longer : model);
                }
                case APPEND_PART -> {
                    int from = Math.min(step.a, otherModel.size());
                    int to = Math.min(from + step.b, otherModel.size());
                    List<Unit> longer = concat(model, otherModel.subList(from, to));
                    boolean done = lists[i].append(lists[other], from, to - from);
                    assertEquals(pieces(longer) <= maxSegments[i], done);
                    models.set(i, done ? longer : model);
                }
                case JOIN -> {
                    List<Unit> longer = concat(model, otherModel);
                    boolean done = lists[i].join(lists[other]);
                    assertEquals(pieces(longer) <= maxSegments[i], done);
                    models.set(i, done ? longer : model);
                    models.set(other, done ? List.of() : otherModel);
                }
                case SPLIT -> {
                    int at = Math.min(step.a, model.size());
                    List<Unit> longer = concat(otherModel, model.subList(0, at));
                    boolean done = lists[i].split(at, lists[other]);
                    assertEquals(pieces(longer) <= maxSegments[other], done);
                    models.set(other, done ? longer : otherModel);
                    models.set(i, done ? model.subList(at, model.size()) : model);
                }
                case CLEAR -> {
                    lists[i].clear();
                    models.set(i, List.of());
                }
            }
            assertEquals(models, List.of(units(lists[0]), units(lists[1])));
            for (int n = 0; n < 2; n++) {
                assertEquals(models.get(n).size(), lists[n].totalLength());
                assertEquals(pieces(models.get(n)), lists[n].size());
            }
        }
    }

    private static List<Unit> units(ScatterGatherList list) {
        List<Unit> units = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            units.addAll(units(list.address(i), list.length(i), list.deviceWritable(i)));
        }
        return units;
    }

    private static List<Unit> units(long address, int length, boolean writable) {
        List<Unit> units = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            units.add(new Unit(address + i, writable));
        }
        return units;
    }

    private static List<Unit> concat(List<Unit> front, List<Unit> back) {
        List<Unit> units = new ArrayList<>(front);
        units.addAll(back);
        return units;
    }

    /** Runs of adjacent bytes of one direction: what a list may need and no more. */
    private static int pieces(List<Unit> units) {
        int pieces = 0;
        Unit before = null;
        for (Unit unit : units) {
            if (before == null || unit.address != before.address + 1 || unit.writable != before.writable) {
                pieces++;
            }
            before = unit;
        }
        return pieces;
    }
}
