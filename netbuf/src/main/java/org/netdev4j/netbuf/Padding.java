package org.netdev4j.netbuf;

/** 128 bytes in front of the fields of a class, so that two objects of it never have fields in the same cache line. */
abstract class Padding {
    long p00, p01, p02, p03, p04, p05, p06, p07;
    long p08, p09, p10, p11, p12, p13, p14, p15;
}
