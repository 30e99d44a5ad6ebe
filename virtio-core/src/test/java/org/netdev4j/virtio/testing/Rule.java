package org.netdev4j.virtio.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rules of docs/conformance.tsv that a test checks: {@code "SQ7"} for every clause of a rule, {@code "SQ13.2"} for its
 * second. On a class it counts for each of its tests, those of nested classes and subclasses included. A rule is proven by
 * tests that run everywhere: one that is skipped for want of root or of a peer proves nothing.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Rule {
    String[] value();
}
