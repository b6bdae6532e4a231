import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Derby in a Java for Windows. One request a line over a socket, as Wine's Java cannot read pipes: a word, the path of a
 * database and a statement, each in Base64 after a `=`. The answer is `ok` or `error` and a text in Base64.
 */
public final class DerbyOverSocket {
    private final Map<String, Connection> open = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Class.forName("org.apache.derby.jdbc.EmbeddedDriver").getDeclaredConstructor().newInstance();
        try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(args[0]))) {
            BufferedReader requests =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            PrintStream answers = new PrintStream(socket.getOutputStream(), true, "UTF-8");
            DerbyOverSocket derby = new DerbyOverSocket();
            for (String line; (line = requests.readLine()) != null;) {
                String[] words = line.split(" ");
                for (int i = 0; i < words.length; i++)
                    words[i] = new String(Base64.getDecoder().decode(words[i].substring(1)), StandardCharsets.UTF_8);
                String kind = "ok";
                String said;
                try {
                    said = derby.answer(words[0], words[1], words[2]);
                } catch (SQLException error) {
                    kind = "error";
                    said = error.getSQLState() + " " + error.getMessage();
                }
                answers.println(kind + " " + Base64.getEncoder().encodeToString(said.getBytes(StandardCharsets.UTF_8)));
            }
        }
        // Without a word to Derby: as a program that is killed.
        Runtime.getRuntime().halt(0);
    }

    private String answer(String what, String path, String sql) throws SQLException {
        if (what.equals("shutdown")) {
            open.remove(path);
            try {
                DriverManager.getConnection("jdbc:derby:" + path + ";shutdown=true");
            } catch (SQLException error) {
                // What a database says that was shut down well.
                if (!"08006".equals(error.getSQLState())) throw error;
            }
            return "";
        }
        Connection connection = open.get(path);
        if (connection == null) open.put(path, connection = DriverManager.getConnection("jdbc:derby:" + path));
        try (Statement statement = connection.createStatement()) {
            if (what.equals("update")) return String.valueOf(statement.executeUpdate(sql));
            try (ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        }
    }
}
