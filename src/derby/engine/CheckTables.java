import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Opens one Derby database (which repairs it from its log), checks every table, reads every row and shuts it down. Needs Java 7
 * and derby.jar, nothing else; scripts/make-engine.ts compiles it into check-tables-class.ts.
 *
 * Lines to stdout, fields separated by tabs, each field ASCII with \\uXXXX for all else:
 *   engine VERSION                                  of Derby, its first two numbers
 *   boot STATES MESSAGE                             STATES empty: it is open, MESSAGE is the full version; else the
 *                                                   SQLStates, outermost first
 *   table SCHEMA NAME TYPE RESULT ROWS STATES MESSAGE   RESULT ok, bad or error; ROWS empty when not counted
 *   tables STATES MESSAGE                           the list of tables; STATES empty when all of them were named above
 *   closed STATES MESSAGE                           STATES empty: shut down in an orderly way
 *   end
 */
public final class CheckTables {
    private static BufferedWriter out;

    private CheckTables() {
    }

    public static void main(String[] args) throws Exception {
        out = new BufferedWriter(new OutputStreamWriter(System.out, "US-ASCII"));
        Driver driver = (Driver) Class.forName("org.apache.derby.jdbc.EmbeddedDriver").newInstance();
        line("engine", driver.getMajorVersion() + "." + driver.getMinorVersion());
        Connection connection;
        try {
            connection = connect(driver, args[0], null);
        } catch (SQLException | RuntimeException error) {
            line("boot", states(error), message(error));
            line("end");
            return;
        }
        try {
            // Such as "10.12.1.1 - (1704137)".
            line("boot", "", connection.getMetaData().getDatabaseProductVersion().split(" ")[0]);
            connection = checkAll(driver, args[0], connection);
            line("tables", "", "");
        } catch (SQLException | RuntimeException error) {
            line("tables", states(error), message(error));
        }
        // Open connections would keep the shutdown waiting for their transactions.
        close(connection);
        try {
            Properties info = info(args[0], null);
            info.setProperty("shutdown", "true");
            driver.connect("jdbc:derby:", info);
        } catch (SQLException error) {
            // 08006 is how Derby says that all went well.
            boolean ok = "08006".equals(error.getSQLState()) && error.getNextException() == null;
            line("closed", ok ? "" : states(error), ok ? "" : message(error));
        }
        line("end");
    }

    private static Properties info(String database, String user) {
        Properties info = new Properties();
        // As an attribute the path may hold a semicolon, which would end it in a URL.
        info.setProperty("databaseName", database);
        if (user != null) info.setProperty("user", '"' + user.replace("\"", "\"\"") + '"');
        return info;
    }

    private static Connection connect(Driver driver, String database, String user) throws SQLException {
        Connection connection = driver.connect("jdbc:derby:", info(database, user));
        connection.setAutoCommit(true);
        return connection;
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException gone) {
            // Damage may have closed it already.
        }
    }

    private static Connection checkAll(Driver driver, String database, Connection first) throws Exception {
        Connection connection = first;
        String owner = owner(connection);
        // Where SQL authorization is on, only the owner may check every table.
        connection.close();
        connection = connect(driver, database, owner);
        for (String[] table : tables(connection)) {
            if (connection.isClosed()) {
                // Derby shuts a database down over severe damage; the next boot reads the other tables.
                try {
                    connection = connect(driver, database, owner);
                } catch (SQLException | RuntimeException error) {
                    line("table", table[0], table[1], table[2], "error", "", states(error), message(error));
                    continue;
                }
            }
            check(connection, table);
        }
        return connection;
    }

    private static String owner(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT AUTHORIZATIONID FROM SYS.SYSSCHEMAS WHERE SCHEMANAME = 'SYSIBM'")) {
            return rows.next() ? rows.getString(1) : null;
        }
    }

    private static List<String[]> tables(Connection connection) throws SQLException {
        String sql = "SELECT S.SCHEMANAME, T.TABLENAME, T.TABLETYPE FROM SYS.SYSTABLES T JOIN SYS.SYSSCHEMAS S ON T.SCHEMAID = S.SCHEMAID"
            + " WHERE T.TABLETYPE IN ('T', 'S') ORDER BY 1, 2";
        List<String[]> tables = new ArrayList<String[]>();
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) tables.add(new String[] {rows.getString(1), rows.getString(2), rows.getString(3)});
        }
        return tables;
    }

    private static void check(Connection connection, String[] table) throws IOException {
        String count = "";
        try {
            boolean ok;
            try (PreparedStatement statement = connection.prepareStatement("VALUES SYSCS_UTIL.SYSCS_CHECK_TABLE(?, ?)")) {
                statement.setString(1, table[0]);
                statement.setString(2, table[1]);
                try (ResultSet rows = statement.executeQuery()) {
                    ok = rows.next() && rows.getInt(1) == 1;
                }
            }
            count = Long.toString(readRows(connection, table));
            line("table", table[0], table[1], table[2], ok ? "ok" : "bad", count, "", "");
        } catch (SQLException | RuntimeException | IOException error) {
            line("table", table[0], table[1], table[2], "error", count, states(error), message(error));
        }
    }

    /** Reads every value of every row to its end, from the rows themselves and not from an index; how many rows there are. */
    private static long readRows(Connection connection, String[] table) throws SQLException, IOException {
        List<String> columns = new ArrayList<String>();
        List<String> withoutXml = new ArrayList<String>();
        try (ResultSet found = connection.getMetaData().getColumns(null, pattern(table[0]), pattern(table[1]), null)) {
            while (found.next()) {
                String column = quoted(found.getString("COLUMN_NAME"));
                int type = found.getInt("DATA_TYPE");
                // Objects of classes that only the program has, and what nobody may read.
                if (type == Types.JAVA_OBJECT || ("S".equals(table[2]) && "\"PASSWORD\"".equals(column))) continue;
                columns.add(type == Types.SQLXML ? "XMLSERIALIZE(" + column + " AS CLOB)" : column);
                if (type != Types.SQLXML) withoutXml.add(column);
            }
        }
        try {
            return readRows(connection, table, columns);
        } catch (SQLException error) {
            // This Java has not what Derby needs for XML.
            if (error.getSQLState() == null || !error.getSQLState().startsWith("XML")) throw error;
            return readRows(connection, table, withoutXml);
        }
    }

    private static long readRows(Connection connection, String[] table, List<String> columns) throws SQLException, IOException {
        StringBuilder list = new StringBuilder();
        for (String column : columns) list.append(list.length() == 0 ? "" : ", ").append(column);
        String plan = "S".equals(table[2]) ? "" : " --DERBY-PROPERTIES index=null\n";
        String from = (list.length() == 0 ? "1" : list) + " FROM " + quoted(table[0]) + "." + quoted(table[1]) + plan;
        char[] text = new char[1 << 13];
        byte[] bytes = new byte[1 << 13];
        long count = 0;
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("SELECT " + from)) {
            ResultSetMetaData meta = rows.getMetaData();
            for (; rows.next(); count++) {
                for (int column = 1; column <= meta.getColumnCount(); column++) {
                    switch (meta.getColumnType(column)) {
                        case Types.CLOB:
                        case Types.LONGVARCHAR:
                            try (Reader value = rows.getCharacterStream(column)) {
                                while (value != null && value.read(text) >= 0) { }
                            }
                            break;
                        case Types.BLOB:
                        case Types.LONGVARBINARY:
                            try (InputStream value = rows.getBinaryStream(column)) {
                                while (value != null && value.read(bytes) >= 0) { }
                            }
                            break;
                        default:
                            rows.getObject(column);
                    }
                }
            }
        }
        return count;
    }

    /** A name as JDBC's patterns take it. */
    private static String pattern(String name) {
        return name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The SQLStates of the whole chain, outermost first, with commas between; ? where damage made Derby fail without one. */
    private static String states(Exception error) {
        StringBuilder states = new StringBuilder();
        for (SQLException next = chain(error); next != null; next = next.getNextException()) {
            if (states.length() > 0) states.append(',');
            states.append(next.getSQLState() == null ? "?" : next.getSQLState());
        }
        return states.length() == 0 ? "?" : states.toString();
    }

    /** That of the innermost cause, which says most. */
    private static String message(Exception error) {
        SQLException last = chain(error);
        if (last == null) return error.toString();
        while (last.getNextException() != null) last = last.getNextException();
        return last.getMessage();
    }

    private static SQLException chain(Exception error) {
        return error instanceof SQLException ? (SQLException) error : null;
    }

    private static void line(String... fields) throws IOException {
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) out.write('\t');
            String field = fields[i] == null ? "" : fields[i];
            for (int j = 0; j < field.length(); j++) {
                char c = field.charAt(j);
                if (c >= ' ' && c <= '~' && c != '\\') out.write(c);
                else out.write(String.format("\\u%04x", (int) c));
            }
        }
        out.write('\n');
        out.flush();
    }
}
