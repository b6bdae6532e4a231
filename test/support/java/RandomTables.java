import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tables of random shape and rows for property tests: every column type, NULLs, long values, indexes, updates, deletes. */
final class RandomTables {
    private static final String[] TYPES = {
        "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "REAL", "DECIMAL(18,2)", "DECIMAL(31,7)", "CHAR(12)", "VARCHAR(300)", "VARCHAR(20000)",
        "CLOB(1M)", "BLOB(1M)", "VARCHAR(100) FOR BIT DATA", "DATE", "TIME", "TIMESTAMP", "BOOLEAN", "LONG VARCHAR"};
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 \u00e9\u00f1\u20ac\u65e5\u672c\ud83d\ude00\u0000'\"";

    private RandomTables() {}

    /** Makes that many tables in the schema ACAK and commits; their names. */
    static List<String> fill(Connection connection, long seed, int tables) throws SQLException {
        Random random = new Random(seed);
        List<String> names = new ArrayList<>();
        for (int t = 0; t < tables; t++) {
            String name = "ACAK.\"Tabel " + t + "\"";
            List<String> types = new ArrayList<>();
            StringBuilder columns = new StringBuilder("NOMOR INTEGER NOT NULL PRIMARY KEY");
            for (int c = 0, n = 1 + random.nextInt(12); c < n; c++) {
                types.add(TYPES[random.nextInt(TYPES.length)]);
                columns.append(", K").append(c).append(' ').append(types.get(c));
            }
            try (Statement statement = connection.createStatement()) {
                if (t == 0) statement.executeUpdate("CREATE SCHEMA ACAK");
                statement.executeUpdate("CREATE TABLE " + name + " (" + columns + ")");
                for (int c = 0; c < types.size(); c++) {
                    if (random.nextInt(3) == 0 && isIndexable(types.get(c))) {
                        statement.executeUpdate("CREATE INDEX ACAK.IX" + t + "_" + c + " ON " + name + " (K" + c + (random.nextBoolean() ? " DESC" : "") + ")");
                    }
                }
            }
            int rows = random.nextInt(random.nextInt(4) == 0 ? 600 : 60);
            StringBuilder marks = new StringBuilder("?");
            for (int c = 0; c < types.size(); c++) marks.append(",?");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + name + " VALUES (" + marks + ")")) {
                for (int r = 0; r < rows; r++) {
                    insert.setInt(1, r);
                    for (int c = 0; c < types.size(); c++) set(insert, c + 2, types.get(c), random);
                    insert.executeUpdate();
                }
            }
            String added = random.nextInt(3) == 0 ? TYPES[random.nextInt(TYPES.length)] : null;
            if (added != null) {
                try (Statement statement = connection.createStatement()) {
                    statement.executeUpdate("ALTER TABLE " + name + " ADD COLUMN BELAKANGAN " + added);
                }
            }
            for (int change = 0; change < rows / 4; change++) {
                int row = random.nextInt(rows);
                int column = random.nextInt(types.size() + (added == null ? 0 : 1));
                if (random.nextInt(4) == 0) {
                    try (PreparedStatement remove = connection.prepareStatement("DELETE FROM " + name + " WHERE NOMOR = ?")) {
                        remove.setInt(1, row);
                        remove.executeUpdate();
                    }
                    continue;
                }
                boolean isAdded = column == types.size();
                try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE " + name + " SET " + (isAdded ? "BELAKANGAN" : "K" + column) + " = ? WHERE NOMOR = ?")) {
                    set(update, 1, isAdded ? added : types.get(column), random);
                    update.setInt(2, row);
                    update.executeUpdate();
                }
            }
            connection.commit();
            names.add("Tabel " + t);
        }
        return names;
    }

    private static boolean isIndexable(String type) {
        return !type.startsWith("CLOB") && !type.startsWith("BLOB") && !type.startsWith("LONG") && !type.equals("VARCHAR(20000)");
    }

    private static void set(PreparedStatement s, int at, String type, Random random) throws SQLException {
        if (random.nextInt(6) == 0) {
            s.setObject(at, null);
            return;
        }
        LocalDate day = LocalDate.ofEpochDay(random.nextInt(30000));
        switch (type) {
            case "SMALLINT": s.setShort(at, (short) random.nextInt()); break;
            case "INTEGER": s.setInt(at, random.nextInt()); break;
            case "BIGINT": s.setLong(at, random.nextLong()); break;
            case "DOUBLE": s.setDouble(at, random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20)); break;
            case "REAL": s.setFloat(at, (float) random.nextGaussian() * 1000); break;
            case "DECIMAL(18,2)": s.setBigDecimal(at, new BigDecimal(new BigInteger(random.nextInt(53), random), 2).multiply(sign(random))); break;
            case "DECIMAL(31,7)": s.setBigDecimal(at, new BigDecimal(new BigInteger(random.nextInt(100), random), 7).multiply(sign(random))); break;
            case "CHAR(12)": s.setString(at, text(random, random.nextInt(13))); break;
            case "VARCHAR(300)": s.setString(at, text(random, random.nextInt(301))); break;
            case "VARCHAR(20000)": s.setString(at, text(random, random.nextInt(random.nextInt(4) == 0 ? 20001 : 200))); break;
            case "LONG VARCHAR": s.setString(at, text(random, random.nextInt(random.nextInt(4) == 0 ? 32000 : 200))); break;
            case "CLOB(1M)": s.setString(at, text(random, random.nextInt(random.nextInt(4) == 0 ? 150000 : 2000))); break;
            case "BLOB(1M)": s.setBytes(at, bytes(random, random.nextInt(random.nextInt(4) == 0 ? 150000 : 2000))); break;
            case "VARCHAR(100) FOR BIT DATA": s.setBytes(at, bytes(random, random.nextInt(101))); break;
            case "DATE": s.setDate(at, java.sql.Date.valueOf(day)); break;
            case "TIME": s.setTime(at, java.sql.Time.valueOf(java.time.LocalTime.ofSecondOfDay(random.nextInt(86400)))); break;
            case "TIMESTAMP":
                s.setTimestamp(at, java.sql.Timestamp.valueOf(day.atTime(random.nextInt(24), random.nextInt(60), random.nextInt(60), random.nextInt(1000000000))));
                break;
            case "BOOLEAN": s.setBoolean(at, random.nextBoolean()); break;
            default: throw new IllegalArgumentException(type);
        }
    }

    private static BigDecimal sign(Random random) {
        return random.nextBoolean() ? BigDecimal.ONE : BigDecimal.ONE.negate();
    }

    private static String text(Random random, int length) {
        StringBuilder out = new StringBuilder(length);
        while (out.length() < length) {
            char c = LETTERS.charAt(random.nextInt(LETTERS.length()));
            if (!Character.isSurrogate(c)) out.append(c);
            else if (out.length() + 2 <= length) out.append("\ud83d\ude00");
        }
        return out.toString();
    }

    private static byte[] bytes(Random random, int length) {
        byte[] out = new byte[length];
        random.nextBytes(out);
        return out;
    }
}
