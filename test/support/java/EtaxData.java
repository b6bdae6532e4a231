import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.util.Random;

/**
 * An invoice database shaped like the one of e-Faktur, whose real tables are unknown. All names and numbers are
 * invented. The same seed gives the same rows; the bytes differ in Derby's own ids.
 */
final class EtaxData {
    /** Invoices a megabyte of seg0 holds, measured with 10.12.1.1. */
    private static final int INVOICES_PER_MB = 745;
    /** The same with an image for each invoice. */
    private static final int IMAGED_INVOICES_PER_MB = 430;
    private static final int IMAGE_BYTES = 750;
    private static final int INVOICES_PER_COMMIT = 5000;

    private static final String[] TABLES = {
        "CREATE SCHEMA ETAX",
        "CREATE TABLE ETAX.PROFIL (NPWP CHAR(15) NOT NULL PRIMARY KEY, NAMA VARCHAR(200) NOT NULL, ALAMAT VARCHAR(500),"
            + " KLU CHAR(5), TGL_PKP DATE, AKTIF SMALLINT NOT NULL DEFAULT 1)",
        "CREATE TABLE ETAX.REFERENSI (JENIS VARCHAR(20) NOT NULL, KODE CHAR(3) NOT NULL, KETERANGAN VARCHAR(200),"
            + " PRIMARY KEY (JENIS, KODE))",
        "CREATE TABLE ETAX.LAWAN_TRANSAKSI (ID BIGINT NOT NULL PRIMARY KEY, NPWP CHAR(15), NAMA VARCHAR(200) NOT NULL,"
            + " ALAMAT VARCHAR(500), EMAIL VARCHAR(100), TELEPON VARCHAR(30), DIBUAT TIMESTAMP)",
        "CREATE INDEX ETAX.IX_LAWAN_NAMA ON ETAX.LAWAN_TRANSAKSI (NAMA)",
        "CREATE INDEX ETAX.IX_LAWAN_NPWP ON ETAX.LAWAN_TRANSAKSI (NPWP)",
        "CREATE TABLE ETAX.FAKTUR_KELUARAN (ID BIGINT NOT NULL PRIMARY KEY, KODE_TRANSAKSI CHAR(2) NOT NULL,"
            + " PENGGANTI SMALLINT NOT NULL, NOMOR_FAKTUR CHAR(13) NOT NULL, MASA_PAJAK SMALLINT NOT NULL,"
            + " TAHUN_PAJAK INTEGER NOT NULL, TANGGAL_FAKTUR DATE NOT NULL, LAWAN_ID BIGINT, NPWP_LAWAN CHAR(15),"
            + " NAMA_LAWAN VARCHAR(200) NOT NULL, DPP DECIMAL(18,2) NOT NULL, PPN DECIMAL(18,2) NOT NULL,"
            + " PPNBM DECIMAL(18,2), STATUS VARCHAR(20), TGL_APPROVAL TIMESTAMP, REFERENSI VARCHAR(100), CATATAN CLOB(256K))",
        "CREATE UNIQUE INDEX ETAX.IX_FK_NOMOR ON ETAX.FAKTUR_KELUARAN (NOMOR_FAKTUR, PENGGANTI)",
        "CREATE INDEX ETAX.IX_FK_TANGGAL ON ETAX.FAKTUR_KELUARAN (TANGGAL_FAKTUR DESC)",
        "CREATE INDEX ETAX.IX_FK_NAMA ON ETAX.FAKTUR_KELUARAN (NAMA_LAWAN)",
        "CREATE INDEX ETAX.IX_FK_MASA ON ETAX.FAKTUR_KELUARAN (TAHUN_PAJAK, MASA_PAJAK, STATUS)",
        "CREATE TABLE ETAX.FAKTUR_DETAIL (FAKTUR_ID BIGINT NOT NULL, BARIS INTEGER NOT NULL, KODE_BARANG VARCHAR(20),"
            + " NAMA_BARANG VARCHAR(200) NOT NULL, HARGA_SATUAN DECIMAL(18,2) NOT NULL, JUMLAH DECIMAL(15,4) NOT NULL,"
            + " DISKON DECIMAL(18,2), DPP DECIMAL(18,2) NOT NULL, PPN DECIMAL(18,2) NOT NULL, PRIMARY KEY (FAKTUR_ID, BARIS),"
            + " CONSTRAINT FK_DETAIL_FAKTUR FOREIGN KEY (FAKTUR_ID) REFERENCES ETAX.FAKTUR_KELUARAN (ID))",
        "CREATE INDEX ETAX.IX_DETAIL_BARANG ON ETAX.FAKTUR_DETAIL (NAMA_BARANG)",
    };
    /** The printed code of each invoice: bytes that no compression shortens, which half of a real database may be. */
    private static final String IMAGES =
        "CREATE TABLE ETAX.QR_FAKTUR (FAKTUR_ID BIGINT NOT NULL PRIMARY KEY, GAMBAR VARCHAR(2000) FOR BIT DATA)";
    private static final String[] FORMS = {"PT", "CV", "UD", "Toko", "Koperasi", "PT", "CV", "PT"};
    private static final String[] FIRST = {
        "Rajawali", "Kencana", "Melati", "Cendana", "Samudera", "Angkasa", "Puncak", "Bintang", "Lembah", "Telaga",
        "Merapi", "Cahaya", "Anggrek", "Delima", "Mutiara", "Teratai", "Pelangi", "Kenanga", "Rimba", "Fajar"};
    private static final String[] SECOND = {
        "Sejahtera", "Mandiri", "Abadi", "Makmur", "Lestari", "Utama", "Sentosa", "Perkasa", "Jaya", "Bersama",
        "Nusantara", "Raya", "Bahagia", "Gemilang", "Harapan", "Pratama", "Cemerlang", "Selaras", "Setia", "Kirana"};
    private static final String[] THIRD = {
        "", " Indah", " Karya", " Teknik", " Pangan", " Tekstil", " Logistik", " Niaga", " Media", " Kimia", " Baja", " Agro"};
    private static final String[] STREETS = {
        "Jl. Kamboja", "Jl. Manggis", "Jl. Pipit", "Jl. Kerikil", "Jl. Sawo Kecik", "Jl. Belimbing", "Jl. Embun", "Jl. Awan"};
    private static final String[] CITIES = {
        "Semarang", "Bekasi", "Makassar", "Jayapura", "Denpasar", "Medan", "Surabaya", "Bandung", "Palembang", "Ambon"};
    private static final String[] GOODS = {
        "Kertas HVS A4 80 gr", "Jasa pengiriman barang", "Semen 50 kg", "Sewa gudang bulanan", "Minyak goreng 18 l",
        "Besi beton 10 mm", "Jasa perawatan AC", "Tinta printer hitam", "Kain katun 40s", "Cat tembok 25 kg",
        "Jasa konsultasi", "Kabel NYM 3x2,5", "Beras medium 25 kg", "Suku cadang pompa", "Meja kantor 120 cm"};
    private static final String[] REMARKS = {
        "Pembayaran 30 hari setelah faktur diterima.", "Barang dikirim dengan kurir langganan.", "Harga sudah termasuk ongkos kirim.",
        "Sesuai surat pesanan terlampir.", "Retur paling lambat tujuh hari.", "Hubungi bagian keuangan bila ada selisih.",
        "Faktur pengganti karena salah alamat.", "Diskon khusus pelanggan lama."};
    private static final String[] STATUSES = {"Approval Sukses", "Approval Sukses", "Approval Sukses", "Siap Approve", "Belum Approve", "Reject"};

    private final Connection connection;
    private final Random random;
    private final PreparedStatement insertInvoice;
    private final PreparedStatement insertDetail;
    /** Null in a database without images. */
    private final PreparedStatement insertImage;

    EtaxData(Connection connection, long seed) throws SQLException {
        this.connection = connection;
        this.random = new Random(seed);
        this.insertInvoice = connection.prepareStatement(
            "INSERT INTO ETAX.FAKTUR_KELUARAN VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
        this.insertDetail = connection.prepareStatement("INSERT INTO ETAX.FAKTUR_DETAIL VALUES (?,?,?,?,?,?,?,?,?)");
        boolean hasImages = number("SELECT COUNT(*) FROM SYS.SYSTABLES WHERE TABLENAME = 'QR_FAKTUR'") > 0;
        this.insertImage = hasImages ? connection.prepareStatement("INSERT INTO ETAX.QR_FAKTUR VALUES (?,?)") : null;
    }

    /** Makes tables and rows and commits. With sizeMb above 0 that decides how many invoices, else `invoices`. */
    static long fill(
            Connection connection, long seed, int sizeMb, int invoices, LocalDate first, LocalDate last, boolean images) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : TABLES) statement.executeUpdate(sql);
            if (images) statement.executeUpdate(IMAGES);
        }
        connection.commit();
        int count = sizeMb > 0 ? sizeMb * (images ? IMAGED_INVOICES_PER_MB : INVOICES_PER_MB) : invoices;
        EtaxData data = new EtaxData(connection, seed);
        data.masterData(Math.max(12, count / 20));
        data.invoices(1, count, Math.max(12, count / 20), first, last);
        return count;
    }

    private void masterData(int customers) throws SQLException {
        try (PreparedStatement profile = connection.prepareStatement("INSERT INTO ETAX.PROFIL VALUES (?,?,?,?,?,1)")) {
            profile.setString(1, digits(15));
            profile.setString(2, companyName());
            profile.setString(3, address());
            profile.setString(4, digits(5));
            profile.setDate(5, Date.valueOf("2015-07-01"));
            profile.executeUpdate();
        }
        try (PreparedStatement reference = connection.prepareStatement("INSERT INTO ETAX.REFERENSI VALUES (?,?,?)")) {
            for (int i = 1; i <= 9; i++) {
                reference.setString(1, "KODE_TRANSAKSI");
                reference.setString(2, "0" + i);
                reference.setString(3, "Penyerahan jenis " + i);
                reference.addBatch();
            }
            reference.executeBatch();
        }
        try (PreparedStatement customer = connection.prepareStatement("INSERT INTO ETAX.LAWAN_TRANSAKSI VALUES (?,?,?,?,?,?,?)")) {
            for (int i = 1; i <= customers; i++) {
                customer.setLong(1, i);
                customer.setString(2, digits(15));
                customer.setString(3, name(i));
                customer.setString(4, address());
                customer.setString(5, random.nextInt(3) == 0 ? null : "pajak" + i + "@contoh.example");
                customer.setString(6, random.nextInt(4) == 0 ? null : "0" + digits(10));
                customer.setTimestamp(7, Timestamp.valueOf("2020-01-01 08:00:00"));
                customer.addBatch();
                if (i % 1000 == 0) customer.executeBatch();
            }
            customer.executeBatch();
        }
        connection.commit();
    }

    /** Adds invoices with ids from firstId on, dates spread evenly between the two days, and commits. */
    void invoices(long firstId, int count, int customers, LocalDate first, LocalDate last) throws SQLException {
        long days = last.toEpochDay() - first.toEpochDay() + 1;
        for (int i = 0; i < count; i++) {
            LocalDate day = first.plusDays(i * days / Math.max(1, count));
            BigDecimal dpp = BigDecimal.valueOf((1 + random.nextInt(40000)) * 1000L, 0).setScale(2);
            // A fixed draw a customer, so that one customer keeps one name.
            long customer = 1 + random.nextInt(customers);
            invoice(firstId + i, day, customer, name(customer), dpp, 1 + random.nextInt(5));
            if (i % 250 == 249) flush();
            if (i % INVOICES_PER_COMMIT == INVOICES_PER_COMMIT - 1) {
                flush();
                connection.commit();
            }
        }
        flush();
        connection.commit();
    }

    private static String name(long customer) {
        Random own = new Random(customer * 7919);
        own.nextInt();
        return companyName(own);
    }

    /** Adds one invoice to the open batch: lines whose sums are its totals, PPN 11 % rounded down to whole rupiah. */
    void invoice(long id, LocalDate day, Long customerId, String customerName, BigDecimal dpp, int lines) throws SQLException {
        int status = random.nextInt(STATUSES.length);
        PreparedStatement s = insertInvoice;
        s.setLong(1, id);
        s.setString(2, "0" + (1 + random.nextInt(4)));
        s.setInt(3, random.nextInt(20) == 0 ? 1 : 0);
        s.setString(4, String.format("%03d%02d%08d", 2, day.getYear() % 100, id));
        s.setInt(5, day.getMonthValue());
        s.setInt(6, day.getYear());
        s.setDate(7, Date.valueOf(day));
        if (customerId == null) s.setNull(8, Types.BIGINT);
        else s.setLong(8, customerId);
        s.setString(9, digits(15));
        s.setString(10, customerName);
        s.setBigDecimal(11, dpp);
        s.setBigDecimal(12, tax(dpp));
        s.setBigDecimal(13, random.nextInt(10) == 0 ? BigDecimal.valueOf(random.nextInt(1000000), 2) : null);
        s.setString(14, STATUSES[status]);
        if (status < 3) s.setTimestamp(15, Timestamp.valueOf(day.atTime(9 + random.nextInt(8), random.nextInt(60), random.nextInt(60))));
        else s.setNull(15, Types.TIMESTAMP);
        s.setString(16, random.nextBoolean() ? "PO/" + day.getYear() + "/" + digits(5) : null);
        s.setString(17, random.nextInt(3) == 0 ? null : remarks(random.nextInt(200) == 0 ? 150 : 1 + random.nextInt(9)));
        s.addBatch();
        if (insertImage != null) {
            byte[] image = new byte[IMAGE_BYTES];
            random.nextBytes(image);
            insertImage.setLong(1, id);
            insertImage.setBytes(2, image);
            insertImage.addBatch();
        }

        BigDecimal left = dpp;
        for (int line = 1; line <= lines; line++) {
            BigDecimal share = line == lines ? left : dpp.divide(BigDecimal.valueOf(lines), 0, BigDecimal.ROUND_DOWN).setScale(2);
            left = left.subtract(share);
            PreparedStatement d = insertDetail;
            d.setLong(1, id);
            d.setInt(2, line);
            d.setString(3, random.nextBoolean() ? "BRG-" + digits(6) : null);
            d.setString(4, GOODS[random.nextInt(GOODS.length)]);
            d.setBigDecimal(5, share);
            d.setBigDecimal(6, BigDecimal.ONE.setScale(4));
            d.setBigDecimal(7, BigDecimal.ZERO.setScale(2));
            d.setBigDecimal(8, share);
            d.setBigDecimal(9, tax(share));
            d.addBatch();
        }
    }

    void flush() throws SQLException {
        insertInvoice.executeBatch();
        insertDetail.executeBatch();
        if (insertImage != null) insertImage.executeBatch();
    }

    /** Adds one customer and one invoice of one line for it, both committed. */
    static void single(Connection connection, LocalDate day, String customer, BigDecimal dpp) throws SQLException {
        EtaxData data = new EtaxData(connection, 8);
        long customerId = data.number("SELECT MAX(ID) FROM ETAX.LAWAN_TRANSAKSI") + 1;
        try (PreparedStatement s = connection.prepareStatement("INSERT INTO ETAX.LAWAN_TRANSAKSI VALUES (?,?,?,?,NULL,NULL,?)")) {
            s.setLong(1, customerId);
            s.setString(2, data.digits(15));
            s.setString(3, customer);
            s.setString(4, data.address());
            s.setTimestamp(5, Timestamp.valueOf(day.atTime(9, 5)));
            s.executeUpdate();
        }
        data.invoice(data.number("SELECT MAX(ID) FROM ETAX.FAKTUR_KELUARAN") + 1, day, customerId, customer, dpp.setScale(2), 1);
        data.flush();
        connection.commit();
    }

    /** A working day: adds invoices of that day, changes as many old ones to a tenth of that, deletes a few, commits. */
    static void workday(Connection connection, long seed, int count, LocalDate day) throws SQLException {
        EtaxData data = new EtaxData(connection, seed);
        long lastId = data.number("SELECT MAX(ID) FROM ETAX.FAKTUR_KELUARAN");
        long customers = data.number("SELECT MAX(ID) FROM ETAX.LAWAN_TRANSAKSI");
        data.invoices(lastId + 1, count, (int) customers, day, day);
        for (int i = 0; i < Math.max(1, count / 10); i++) data.change(1 + (long) (data.random.nextDouble() * lastId));
        data.remove(1 + (long) (data.random.nextDouble() * lastId));
        connection.commit();
    }

    /** Changes status and note of an invoice; a longer note may move the row to an overflow page. */
    void change(long id) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement("UPDATE ETAX.FAKTUR_KELUARAN SET STATUS = ?, CATATAN = ? WHERE ID = ?")) {
            s.setString(1, STATUSES[random.nextInt(STATUSES.length)]);
            s.setString(2, remarks(1 + random.nextInt(40)));
            s.setLong(3, id);
            s.executeUpdate();
        }
    }

    void remove(long id) throws SQLException {
        if (insertImage != null) {
            try (PreparedStatement s = connection.prepareStatement("DELETE FROM ETAX.QR_FAKTUR WHERE FAKTUR_ID = ?")) {
                s.setLong(1, id);
                s.executeUpdate();
            }
        }
        for (String sql : new String[] {"DELETE FROM ETAX.FAKTUR_DETAIL WHERE FAKTUR_ID = ?", "DELETE FROM ETAX.FAKTUR_KELUARAN WHERE ID = ?"}) {
            try (PreparedStatement s = connection.prepareStatement(sql)) {
                s.setLong(1, id);
                s.executeUpdate();
            }
        }
    }

    long number(String sql) throws SQLException {
        try (Statement s = connection.createStatement(); java.sql.ResultSet rows = s.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static BigDecimal tax(BigDecimal dpp) {
        return dpp.multiply(new BigDecimal("0.11")).setScale(0, BigDecimal.ROUND_DOWN).setScale(2);
    }

    private String digits(int n) {
        StringBuilder out = new StringBuilder(n);
        for (int i = 0; i < n; i++) out.append((char) ('0' + random.nextInt(10)));
        return out.toString();
    }

    private String companyName() {
        return companyName(random);
    }

    private static String companyName(Random r) {
        return FORMS[r.nextInt(FORMS.length)] + " " + FIRST[r.nextInt(FIRST.length)] + " " + SECOND[r.nextInt(SECOND.length)]
            + THIRD[r.nextInt(THIRD.length)];
    }

    private String address() {
        return STREETS[random.nextInt(STREETS.length)] + " No. " + (1 + random.nextInt(300)) + ", " + CITIES[random.nextInt(CITIES.length)];
    }

    private String remarks(int sentences) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < sentences; i++) {
            if (i > 0) out.append(' ');
            out.append(REMARKS[random.nextInt(REMARKS.length)]);
        }
        return out.toString();
    }
}
