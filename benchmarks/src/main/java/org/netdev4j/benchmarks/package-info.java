/** JMH benchmarks, started by {@code benchmarks/run}; docs/PERFORMANCE.md says what they found. */
package org.netdev4j.benchmarks;
