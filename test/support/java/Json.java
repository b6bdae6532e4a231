import java.util.Iterator;
import java.util.Map;

/** Writes JSON text on one line. Knows null, strings, numbers, booleans, maps and iterables. */
final class Json {
    private Json() {}

    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, Object value) {
        if (value == null || value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Map) {
            out.append('{');
            for (Iterator<? extends Map.Entry<?, ?>> it = ((Map<?, ?>) value).entrySet().iterator(); it.hasNext();) {
                Map.Entry<?, ?> entry = it.next();
                quote(out, String.valueOf(entry.getKey()));
                out.append(':');
                append(out, entry.getValue());
                if (it.hasNext()) out.append(',');
            }
            out.append('}');
        } else if (value instanceof Iterable) {
            out.append('[');
            for (Iterator<?> it = ((Iterable<?>) value).iterator(); it.hasNext();) {
                append(out, it.next());
                if (it.hasNext()) out.append(',');
            }
            out.append(']');
        } else {
            quote(out, value.toString());
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < 0x20 || c > 0x7e) out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        out.append('"');
    }
}
