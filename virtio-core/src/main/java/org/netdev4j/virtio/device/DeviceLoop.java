package org.netdev4j.virtio.device;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

import org.agrona.concurrent.Agent;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.netdev4j.virtio.linux.Epoll;
import org.netdev4j.virtio.linux.ErrnoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread on which devices and back-ends run: all that are joined to one loop may call each other without locks. It polls
 * while there is work and sleeps in epoll when there is none.
 * <p>
 * Runs by itself ({@link #start}), or is driven by hand through {@link #doWork()} in tests and by whoever owns a thread; it
 * never sleeps then. A loop that is closed has no thread any more: {@link #call} still works, so that what outlives the loop
 * can be closed in any order. Every method may be called from any thread.
 * <p>
 * A member that throws is removed, logged and told ({@link Member#onFailure}); a callback of {@link #watch} that throws is
 * unwatched and logged. The loop lives on.
 */
public final class DeviceLoop implements Agent, AutoCloseable {
    /** Rounds without work before the loop sleeps: some tens of microseconds, about what it costs to be woken. */
    static final int EMPTY_ROUNDS_BEFORE_SLEEP = 200;
    /** A busy loop looks at its file descriptors once in so many rounds. */
    static final int ROUNDS_BETWEEN_FD_POLLS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLoop.class);
    private static final Member[] NO_MEMBERS = {};
    private static final int FOR_EVER = -1;

    private final String name;
    private final LoopSelector selector;
    private final MpscUnboundedVarHandleArrayQueue<LoopCommand> commands = new MpscUnboundedVarHandleArrayQueue<>(64);
    /** Held by whoever acts as the loop while it has no thread, and to change that. */
    private final ReentrantLock turn = new ReentrantLock();

    /** Replaced, never changed: a member may come or go while a round is under way. */
    private Member[] members = NO_MEMBERS;
    private int removals;
    private int rounds;
    /** Of the sleep that members are being armed for. */
    private int longestSleepMillis;
    private volatile Thread thread;
    private volatile boolean closed;

    /**
     * A loop that is driven by hand until {@link #start} is called.
     *
     * @throws ErrnoException if the process is out of file descriptors
     */
    public DeviceLoop(String name) {
        this.name = name;
        selector = new LoopSelector(name);
    }

    /**
     * Starts a daemon thread named after the loop.
     *
     * @throws IllegalStateException if the loop has one, or is closed
     */
    public DeviceLoop start() {
        turn.lock();
        try {
            checkOpen();
            if (thread != null) {
                throw new IllegalStateException("loop " + name + " has a thread already");
            }
            thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
            thread.start();
        } finally {
            turn.unlock();
        }
        return this;
    }

    /**
     * Runs {@code task} on the loop's thread and waits for it; directly, if this is that thread or the loop has none. What the
     * task throws is thrown here.
     */
    public void call(Runnable task) {
        if (isLoop()) {
            task.run();
            return;
        }
        LoopCommand command = new LoopCommand(task);
        commands.offer(command);
        turn.lock();
        try {
            if (thread == null) {
                runCommands();
            }
        } finally {
            turn.unlock();
        }
        selector.ring();
        command.await();
    }

    /** True if the caller acts as the loop: what belongs to the loop may be touched. */
    private boolean isLoop() {
        return Thread.currentThread().equals(thread) || turn.isHeldByCurrentThread();
    }

    /**
     * Joins: polled from now on, with wake-ups disarmed.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public void add(Member member) {
        call(() -> {
            checkOpen();
            members = Arrays.copyOf(members, members.length + 1);
            members[members.length - 1] = member;
            member.disarmWakeUps();
        });
    }

    /** Leaves: not called any more when this returns. Nothing happens if it is not a member. */
    public void remove(Member member) {
        call(() -> {
            members = Arrays.stream(members).filter(m -> !m.equals(member)).toArray(Member[]::new);
            removals++;
        });
    }

    /**
     * Watches a file descriptor: {@code onReady} runs on the loop's thread when one of {@code events} is there. Watching it
     * again replaces events and callback.
     * <p>
     * Level-triggered: as long as the event is there the loop does not sleep. A callback must take away its cause (read what
     * is readable), or change what is watched; a member that polls the descriptor anyway and only wants to be woken may leave
     * the callback empty, but while it cannot read it must watch for events 0. {@link Epoll#ERROR} and {@link Epoll#HANG_UP}
     * come unasked: only {@link #unwatch} silences them.
     *
     * @param events of {@link Epoll}
     * @throws ErrnoException if the descriptor cannot be watched
     * @throws IllegalStateException if the loop is closed
     */
    public void watch(int fd, int events, Runnable onReady) {
        watch(fd, events, ready -> onReady.run());
    }

    /** As {@link #watch(int, int, Runnable)}, for a callback that is told which events are there. */
    public void watch(int fd, int events, IntConsumer onReady) {
        call(() -> {
            checkOpen();
            selector.watch(fd, events, onReady);
        });
    }

    /** Stops watching; before the descriptor is closed. Nothing happens if it is not watched. */
    public void unwatch(int fd) {
        call(() -> selector.unwatch(fd));
    }

    /** Wakes the loop if it sleeps: what a device asked for when its wake-ups were armed. One system call. */
    public void wakeUp() {
        selector.ring();
    }

    /**
     * Called by a member from {@link Member#armWakeUps()}, for work that is due in {@code nanos}: the loop sleeps no longer this
     * time, and up to 1 ms less.
     */
    public void sleepAtMost(long nanos) {
        int millis = Math.clamp(TimeUnit.NANOSECONDS.toMillis(nanos), 0, Integer.MAX_VALUE);
        if (longestSleepMillis == FOR_EVER || millis < longestSleepMillis) {
            longestSleepMillis = millis;
        }
    }

    /**
     * One round by hand: polls every member once, and the file descriptors when the members had nothing to do.
     *
     * @throws IllegalStateException if the loop has a thread of its own, or is closed
     */
    @Override
    public int doWork() {
        turn.lock();
        try {
            checkOpen();
            if (thread != null) {
                throw new IllegalStateException("loop " + name + " is driven by its own thread");
            }
            return round(true);
        } finally {
            turn.unlock();
        }
    }

    /** As {@link #doWork()}, for a loop that has no thread; of one that has, or is closed, nothing is done. */
    public void help() {
        turn.lock();
        try {
            if (thread == null && !closed) {
                round(true);
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public String roleName() {
        return name;
    }

    private void run() {
        try {
            int empty = 0;
            while (!closed) {
                if (round(false) > 0) {
                    empty = 0;
                } else if (++empty < EMPTY_ROUNDS_BEFORE_SLEEP) {
                    Thread.onSpinWait();
                } else {
                    sleep();
                    empty = 0;
                }
            }
        } finally {
            turn.lock();
            try {
                thread = null;
                runCommands();
            } finally {
                turn.unlock();
            }
        }
    }

    private int round(boolean fdsWhenIdle) {
        int work = runCommands() + pollMembers();
        boolean idle = work == 0 && fdsWhenIdle;
        if ((idle || ++rounds % ROUNDS_BETWEEN_FD_POLLS == 0) && !selector.isEmpty()) {
            work += selector.select(0);
        }
        return work;
    }

    private int runCommands() {
        int work = 0;
        for (LoopCommand command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
            work++;
        }
        return work;
    }

    private int pollMembers() {
        int removalsBefore = removals;
        int work = 0;
        for (Member member : members) {
            try {
                work += member.poll();
            } catch (RuntimeException | Error e) {
                expel(member, e);
            }
            if (removals != removalsBefore) {
                return work + 1;
            }
        }
        return work;
    }

    /** Arms first, then waits: what comes in between is seen by arming or rings the doorbell, so no wake-up is lost. */
    private void sleep() {
        Member[] round = members;
        boolean quiet = true;
        longestSleepMillis = FOR_EVER;
        for (int i = 0; quiet && i < round.length; i++) {
            quiet = arm(round[i]);
        }
        if (quiet) {
            selector.select(longestSleepMillis);
        }
        for (Member member : members) {
            try {
                member.disarmWakeUps();
            } catch (RuntimeException | Error e) {
                expel(member, e);
            }
        }
    }

    private boolean arm(Member member) {
        try {
            return member.armWakeUps();
        } catch (RuntimeException | Error e) {
            expel(member, e);
            return false;
        }
    }

    private void expel(Member member, Throwable cause) {
        LOG.error("{}: {} failed and is removed", name, member, cause);
        remove(member);
        try {
            member.onFailure(cause);
        } catch (RuntimeException | Error e) {
            LOG.error("{}: {} failed again while it was told", name, member, e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("loop " + name + " is closed");
        }
    }

    /**
     * Stops the thread and waits for it; members and watches are forgotten, not closed. Idempotent.
     *
     * @throws IllegalStateException if called on the loop's own thread
     */
    @Override
    public void close() {
        if (Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("loop " + name + " cannot wait for itself to end");
        }
        Thread running;
        turn.lock();
        try {
            closed = true;
            running = thread;
        } finally {
            turn.unlock();
        }
        selector.ring();
        joinUninterruptibly(running);
        turn.lock();
        try {
            members = NO_MEMBERS;
            removals++;
            selector.close();
        } finally {
            turn.unlock();
        }
    }

    private static void joinUninterruptibly(Thread running) {
        boolean interrupted = false;
        while (running != null) {
            try {
                running.join();
                running = null;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Something that a loop polls. Called on the loop's thread only. */
    public interface Member {
        /** Moves a bounded amount; returns work done. */
        int poll();

        /** Before the loop sleeps: arrange to be woken; false if there is work already. */
        boolean armWakeUps();

        /** After the loop woke, whether it was armed or not. */
        void disarmWakeUps();

        /** It threw {@code cause}, and has been removed from the loop. */
        default void onFailure(Throwable cause) {}
    }
}
