package org.netdev4j.netdev;

/** A decorator that changes nothing is a device like any other. */
class ForwardingNetDevTest extends NetDevContract {
    private InMemoryDriver driver;

    @Override
    protected NetDevOps open() {
        driver = new InMemoryDriver();
        return new ForwardingNetDevOps(driver) {
            @Override
            public RxQueue configureRxQueue(int index, RxQueueConfig config) {
                return new ForwardingRxQueue(super.configureRxQueue(index, config)) {};
            }

            @Override
            public TxQueue configureTxQueue(int index, TxQueueConfig config) {
                return new ForwardingTxQueue(super.configureTxQueue(index, config)) {};
            }
        };
    }

    @Override
    protected void settle() {
        driver.settle();
    }
}
