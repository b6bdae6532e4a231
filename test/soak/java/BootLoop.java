import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Random;

/**
 * Opens a database again and again until a file says stop, each time beside a db.lck as a crash leaves it, writes a row and shuts
 * it down. Notes for each time what became of it: OPEN and from when to when, READONLY, or REFUSED.
 */
public final class BootLoop {
    public static void main(String[] args) throws Exception {
        Path folder = Paths.get(args[0]);
        Path stop = Paths.get(args[2]);
        String url = "jdbc:derby:" + args[0];
        Class.forName("org.apache.derby.jdbc.EmbeddedDriver").getDeclaredConstructor().newInstance();
        try (Connection first = DriverManager.getConnection(url + ";create=true")) {
            first.createStatement().execute("CREATE TABLE T (A INT)");
        }
        byte[] left = Files.readAllBytes(folder.resolve("db.lck"));
        shutdown(url);
        Random random = new Random(7);
        try (PrintStream notes = new PrintStream(new FileOutputStream(args[1]), true)) {
            while (!Files.exists(stop)) {
                try {
                    Files.write(folder.resolve("db.lck"), left);
                } catch (IOException held) {
                    // It lies there and somebody looks at it.
                }
                Thread.sleep(random.nextInt(40));
                try (Connection connection = DriverManager.getConnection(url)) {
                    connection.createStatement().execute("INSERT INTO T VALUES (1)");
                    long from = System.currentTimeMillis();
                    Thread.sleep(20 + random.nextInt(60));
                    notes.println("OPEN " + from + " " + System.currentTimeMillis());
                } catch (SQLException error) {
                    boolean isReadOnly = error.getSQLState().startsWith("25");
                    notes.println((isReadOnly ? "READONLY " : "REFUSED ") + error.getSQLState());
                }
                shutdown(url);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void shutdown(String url) {
        try {
            DriverManager.getConnection(url + ";shutdown=true");
        } catch (SQLException closed) {
            // Also what is open no more says so by an error.
        }
    }
}
