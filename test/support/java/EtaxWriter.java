import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Random;

/** Two threads on one database: one inserts, changes and deletes invoices in small transactions, one takes checkpoints. */
final class EtaxWriter {
    private final String url;
    private final long seed;
    private final long checkpointEveryMs;
    private final long pauseMs;
    private volatile boolean stopping;
    private long commits;
    private SQLException failure;
    private Thread writer;
    private Thread checkpointer;

    EtaxWriter(String url, long seed, long checkpointEveryMs, long pauseMs) {
        this.url = url;
        this.seed = seed;
        this.checkpointEveryMs = checkpointEveryMs;
        this.pauseMs = pauseMs;
    }

    void start() {
        writer = new Thread(() -> guarded(this::write));
        writer.start();
        if (checkpointEveryMs > 0) {
            checkpointer = new Thread(() -> guarded(this::checkpoint));
            checkpointer.start();
        }
    }

    /** Waits until so many transactions are committed in all; the count reached, which is smaller only after a failure. */
    synchronized long await(long wanted) throws InterruptedException, SQLException {
        while (commits < wanted && failure == null && !stopping) wait();
        if (failure != null) throw failure;
        return commits;
    }

    /** Ends after the transaction under way. The database stays open. */
    long stop() throws InterruptedException, SQLException {
        synchronized (this) {
            stopping = true;
            notifyAll();
        }
        writer.join();
        // Not interrupted: in the middle of a checkpoint Derby would begin anew with its files, for minutes.
        if (checkpointer != null) checkpointer.join();
        return await(0);
    }

    private interface Work {
        void run(Connection connection) throws SQLException, InterruptedException;
    }

    private void guarded(Work work) {
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            try {
                work.run(connection);
            } catch (InterruptedException nobody) {
                throw new SQLException(nobody);
            } finally {
                connection.rollback();
            }
        } catch (SQLException | RuntimeException error) {
            synchronized (this) {
                if (failure == null) failure = error instanceof SQLException ? (SQLException) error : new SQLException(error);
                notifyAll();
            }
        }
    }

    private void write(Connection connection) throws SQLException, InterruptedException {
        Random random = new Random(seed);
        EtaxData data = new EtaxData(connection, seed);
        long lastId = data.number("SELECT MAX(ID) FROM ETAX.FAKTUR_KELUARAN");
        LocalDate day = LocalDate.of(2024, 1, 2);
        while (!stopping) {
            int added = 1 + random.nextInt(5);
            for (int i = 0; i < added; i++) {
                data.invoice(++lastId, day, null, "PT Penulis Contoh " + random.nextInt(1000), java.math.BigDecimal.valueOf(500000L + lastId, 0).setScale(2), 1 + random.nextInt(4));
            }
            data.flush();
            for (int i = 0; i < 3; i++) data.change(1 + (long) (random.nextDouble() * lastId));
            if (random.nextInt(3) == 0) data.remove(1 + (long) (random.nextDouble() * lastId));
            connection.commit();
            synchronized (this) {
                commits++;
                notifyAll();
            }
            if (pauseMs > 0) Thread.sleep(pauseMs);
        }
    }

    /** As long as between two checkpoints, or until the writer is stopped. */
    private synchronized void pause() throws InterruptedException {
        long until = System.currentTimeMillis() + checkpointEveryMs;
        for (long left = checkpointEveryMs; left > 0 && !stopping; left = until - System.currentTimeMillis()) wait(left);
    }

    private void checkpoint(Connection connection) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement()) {
            while (!stopping) {
                pause();
                if (stopping) return;
                statement.execute("CALL SYSCS_UTIL.SYSCS_CHECKPOINT_DATABASE()");
                connection.commit();
            }
        }
    }
}
