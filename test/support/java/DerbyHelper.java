import java.io.BufferedReader;
import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Runs Derby for the tests. One request a line on stdin: words in Base64, each after a `=`, with spaces between; one JSON
 * object a line on stdout answers it. The end of stdin kills the process like a crash; `exit` shuts all down cleanly.
 */
public final class DerbyHelper {
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<String, String> attributes = new HashMap<>();
    private final Map<String, EtaxWriter> writers = new HashMap<>();

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(new FileOutputStream(java.io.FileDescriptor.out), true, "UTF-8");
        System.setOut(System.err);
        Class.forName("org.apache.derby.jdbc.EmbeddedDriver").getDeclaredConstructor().newInstance();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        DerbyHelper helper = new DerbyHelper();
        for (String line; (line = requests.readLine()) != null;) {
            String[] words = line.split(" ");
            for (int i = 0; i < words.length; i++) {
                words[i] = new String(Base64.getDecoder().decode(words[i].substring(1)), StandardCharsets.UTF_8);
            }
            Map<String, Object> answer = new LinkedHashMap<>();
            try {
                answer.put("value", helper.run(words[0], Arrays.copyOfRange(words, 1, words.length)));
            } catch (SQLException error) {
                answer.put("error", describe(error));
                answer.put("states", states(error));
            } catch (Exception error) {
                answer.put("error", error.toString());
                answer.put("states", new ArrayList<String>());
            }
            answers.println(Json.write(answer));
            if (words[0].equals("exit")) Runtime.getRuntime().halt(0);
        }
        Runtime.getRuntime().halt(1);
    }

    private Object run(String command, String[] a) throws Exception {
        switch (command) {
            case "open":
                attributes.put(a[0], a[1]);
                open(a[0], a[2]);
                return null;
            case "exec":
                return exec(a[0], Arrays.asList(a).subList(1, a.length));
            case "query":
                return query(a[0], a[1]);
            case "check":
                return check(a[0]);
            case "fill":
                return EtaxData.fill(open(a[0], ""), Long.parseLong(a[1]), Integer.parseInt(a[2]), Integer.parseInt(a[3]),
                    LocalDate.parse(a[4]), LocalDate.parse(a[5]), Boolean.parseBoolean(a[6]));
            case "single":
                EtaxData.single(open(a[0], ""), LocalDate.parse(a[1]), a[2], new BigDecimal(a[3]));
                return null;
            case "workday":
                EtaxData.workday(open(a[0], ""), Long.parseLong(a[1]), Integer.parseInt(a[2]), LocalDate.parse(a[3]));
                return null;
            case "random":
                return RandomTables.fill(open(a[0], ""), Long.parseLong(a[1]), Integer.parseInt(a[2]));
            case "write":
                writers.put(a[0], new EtaxWriter(url(a[0]), Long.parseLong(a[1]), Long.parseLong(a[2]), Long.parseLong(a[3])));
                open(a[0], "");
                writers.get(a[0]).start();
                return null;
            case "await":
                return writers.get(a[0]).await(Long.parseLong(a[1]));
            case "stop":
                return writers.remove(a[0]).stop();
            case "zip":
                return zip(new File(a[0]), new File(a[1]), a[2], Long.parseLong(a[3]));
            case "shutdown":
                shutdown(a[0]);
                return null;
            case "exit":
                for (EtaxWriter writer : writers.values()) writer.stop();
                for (String path : new ArrayList<>(connections.keySet())) shutdown(path);
                return null;
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private String url(String path) {
        String more = attributes.getOrDefault(path, "");
        return "jdbc:derby:" + path + (more.isEmpty() ? "" : ";" + more);
    }

    private Connection open(String path, String once) throws SQLException {
        Connection connection = connections.get(path);
        if (connection != null && !connection.isClosed()) return connection;
        connection = DriverManager.getConnection(url(path) + (once.isEmpty() ? "" : ";" + once));
        connection.setAutoCommit(false);
        connections.put(path, connection);
        return connection;
    }

    private void shutdown(String path) throws SQLException {
        Connection connection = connections.remove(path);
        if (connection != null && !connection.isClosed()) {
            connection.rollback();
            connection.close();
        }
        try {
            DriverManager.getConnection("jdbc:derby:" + path + ";shutdown=true");
        } catch (SQLException done) {
            // 08006: shut down; XJ004: was not open.
            if (!done.getSQLState().equals("08006") && !done.getSQLState().equals("XJ004")) throw done;
        }
    }

    private Object exec(String path, List<String> script) throws SQLException {
        Connection connection = open(path, "");
        long changed = 0;
        try (Statement statement = connection.createStatement()) {
            for (String sql : script) {
                statement.execute(sql);
                changed += Math.max(0, statement.getUpdateCount());
            }
            connection.commit();
        } catch (SQLException error) {
            if (!connection.isClosed()) connection.rollback();
            throw error;
        }
        return changed;
    }

    private Object query(String path, String sql) throws SQLException {
        Connection connection = open(path, "");
        Map<String, Object> answer = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            ResultSetMetaData meta = rows.getMetaData();
            List<Object> columns = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                Map<String, Object> column = new LinkedHashMap<>();
                column.put("name", meta.getColumnLabel(i));
                column.put("type", meta.getColumnTypeName(i));
                columns.add(column);
            }
            List<Object> all = new ArrayList<>();
            while (rows.next()) {
                List<Object> row = new ArrayList<>();
                for (int i = 1; i <= meta.getColumnCount(); i++) row.add(plain(rows.getObject(i)));
                all.add(row);
            }
            answer.put("columns", columns);
            answer.put("rows", all);
        } finally {
            if (!connection.isClosed()) connection.rollback();
        }
        return answer;
    }

    /** INTEGER, SMALLINT and doubles as numbers, BOOLEAN as such, bytes as hex, all else (BIGINT too) as text. */
    private static Object plain(Object value) throws SQLException {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Short) return value;
        if (value instanceof Double || value instanceof Float) return value;
        if (value instanceof BigDecimal) return ((BigDecimal) value).toPlainString();
        if (value instanceof Clob) return ((Clob) value).getSubString(1, (int) ((Clob) value).length());
        if (value instanceof Blob) return hex(((Blob) value).getBytes(1, (int) ((Blob) value).length()));
        if (value instanceof byte[]) return hex((byte[]) value);
        return value.toString();
    }

    private static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length * 2);
        for (byte b : bytes) out.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        return out.toString();
    }

    /** Boots the database and has Derby compare every table with its indexes. Never throws for what Derby finds. */
    private Object check(String path) {
        Map<String, Object> answer = new LinkedHashMap<>();
        List<Object> tables = new ArrayList<>();
        boolean sound = true;
        List<String> states = new ArrayList<>();
        boolean boots = false;
        try {
            List<String[]> names = new ArrayList<>();
            Connection connection = open(path, "");
            boots = true;
            try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(
                "SELECT S.SCHEMANAME, T.TABLENAME, T.TABLETYPE FROM SYS.SYSTABLES T JOIN SYS.SYSSCHEMAS S ON T.SCHEMAID = S.SCHEMAID"
                    + " WHERE T.TABLETYPE IN ('T', 'S') ORDER BY T.TABLETYPE DESC, S.SCHEMANAME, T.TABLENAME")) {
                while (rows.next()) names.add(new String[] {rows.getString(1), rows.getString(2), rows.getString(3)});
            }
            for (String[] name : names) {
                Map<String, Object> table = checkTable(path, name);
                sound &= (Boolean) table.get("ok");
                tables.add(table);
            }
        } catch (SQLException error) {
            sound = false;
            states = states(error);
        }
        answer.put("boots", boots);
        answer.put("ok", sound);
        answer.put("states", states);
        answer.put("tables", tables);
        return answer;
    }

    private Map<String, Object> checkTable(String path, String[] name) {
        Map<String, Object> table = new LinkedHashMap<>();
        table.put("schema", name[0]);
        table.put("table", name[1]);
        table.put("system", name[2].equals("S"));
        Long rows = null;
        boolean ok = false;
        List<String> states = new ArrayList<>();
        try {
            Connection connection = open(path, "");
            String quoted = "\"" + name[0] + "\".\"" + name[1] + "\"";
            try (Statement statement = connection.createStatement()) {
                try (ResultSet checked = statement.executeQuery("VALUES SYSCS_UTIL.SYSCS_CHECK_TABLE('" + name[0] + "', '" + name[1] + "')")) {
                    checked.next();
                    ok = checked.getInt(1) == 1;
                }
                try (ResultSet counted = statement.executeQuery("SELECT COUNT(*) FROM " + quoted)) {
                    counted.next();
                    rows = counted.getLong(1);
                }
            }
            connection.rollback();
        } catch (SQLException error) {
            ok = false;
            states = states(error);
        }
        table.put("ok", ok);
        table.put("rows", rows);
        table.put("states", states);
        return table;
    }

    /** Packs a folder as Java 1.7 programs do: entries streamed, with local times and data descriptors. */
    private static Object zip(File folder, File target, String prefix, long timeMs) throws Exception {
        try (ZipOutputStream zip = new ZipOutputStream(new FileOutputStream(target))) {
            zip.setLevel(9);
            add(zip, folder, prefix, timeMs);
        }
        return target.length();
    }

    private static void add(ZipOutputStream zip, File file, String name, long timeMs) throws Exception {
        boolean isFolder = file.isDirectory();
        if (!name.isEmpty()) {
            ZipEntry entry = new ZipEntry(isFolder ? name + "/" : name);
            entry.setTime(timeMs > 0 ? timeMs : file.lastModified());
            zip.putNextEntry(entry);
            if (!isFolder) Files.copy(file.toPath(), zip);
            zip.closeEntry();
        }
        if (!isFolder) return;
        String[] children = file.list();
        Arrays.sort(children);
        for (String child : children) add(zip, new File(file, child), name.isEmpty() ? child : name + "/" + child, timeMs);
    }

    private static List<String> states(SQLException error) {
        List<String> states = new ArrayList<>();
        for (Throwable t = error; t != null; t = t instanceof SQLException && ((SQLException) t).getNextException() != null
            ? ((SQLException) t).getNextException() : t.getCause()) {
            if (t instanceof SQLException) states.add(((SQLException) t).getSQLState());
        }
        return states;
    }

    private static String describe(SQLException error) {
        StringBuilder text = new StringBuilder();
        for (SQLException e = error; e != null; e = e.getNextException()) {
            text.append(text.length() > 0 ? "; " : "").append(e.getSQLState()).append(' ').append(e.getMessage());
        }
        return text.toString();
    }
}
