/**
 * What every differential carries beside its blocks: words for a stranger and two scripts that put it together with its
 * full, without this program. They are fixed bytes of format 1 (FORMAT.md "Differential"): a reader refuses others, so that
 * nobody is handed a script that somebody else wrote. Plain ASCII, as Windows PowerShell 5 reads a file without a mark in
 * the code page of the PC.
 */

const readme = String.raw`INI BUKAN CADANGAN LENGKAP  /  THIS IS NOT A WHOLE BACKUP

Folder ini hanya berisi apa yang berubah sejak satu cadangan lengkap ("full"). Jangan menyalin isinya ke
e-Faktur. Nama file full itu tertulis di efaktur-backup.json (kata "base") dan di file .json cadangan ini.

1. Bongkar full itu ke dalam folder bernama "full", di sebelah folder "differential" ini:
     zstd -d NAMA_FULL.tar.zst -o full.tar
     mkdir full
     tar xf full.tar -C full
2. Di folder yang berisi "full" dan "differential", jalankan SATU dari dua perintah ini:
     powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full      (Windows)
     python3 differential/restore.py full                                        (Linux, macOS, Windows)
3. Setelah selesai ada folder "db" di situ: itulah data e-Faktur yang lengkap. Setiap file sudah diperiksa.


This folder holds only what changed since one whole backup (a "full"). Do not copy what is in it into
e-Faktur. The name of that full stands in efaktur-backup.json (the word "base") and in this backup's .json.

1. Unpack that full into a folder named "full", beside this folder "differential":
     zstd -d NAME_OF_FULL.tar.zst -o full.tar
     mkdir full
     tar xf full.tar -C full
2. In the folder that holds "full" and "differential", run ONE of these two commands:
     powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full      (Windows)
     python3 differential/restore.py full                                        (Linux, macOS, Windows)
3. When it is done there is a folder "db": these are the whole data of e-Faktur. Every file was checked.
`.replaceAll('\n', '\r\n');

const python = String.raw`# Puts a differential backup of efaktur-cloud together with its full, without efaktur-cloud.
# In the folder that holds both:  python3 differential/restore.py full
# Makes the folder db there and checks the SHA-256 of every file. Python 3.6 or newer, nothing else.
import calendar, hashlib, json, os, re, sys, time

BLOCK = 4096
here = os.path.dirname(os.path.abspath(__file__))
full = sys.argv[1] if len(sys.argv) > 1 else "full"
target, unfinished = "db", "db.not-finished"


def stop(message):
    sys.exit("NOT RESTORED / BELUM DIPULIHKAN: " + message)


def below(folder, path):
    parts = path.split("/")
    if any(p in ("", ".", "..") or re.search(r'[\\:*?"<>|\x00-\x1f]', p) for p in parts):
        stop("a path that is not allowed: " + repr(path))
    return os.path.join(folder, *parts)


def copy(source, out, length=None):
    left = length
    while left is None or left > 0:
        chunk = source.read(1 << 20 if left is None else min(1 << 20, left))
        if not chunk:
            break
        out.write(chunk)
        left = None if left is None else left - len(chunk)
    if left:
        stop("the differential is cut: " + source.name)


def restore(file, base):
    path, size, source = file["path"], file["size"], file.get("from")
    made = below(unfinished, path)
    os.makedirs(os.path.dirname(made), exist_ok=True)
    old = below(os.path.join(here, "files") if source is None else os.path.join(full, "db"), path)
    if not os.path.isfile(old):
        stop(old + " is not there" + ("" if source is None else ": unpack " + base + " into the folder " + full))
    with open(made, "w+b") as out:
        with open(old, "rb") as whole:
            copy(whole, out)
        if isinstance(source, list):
            with open(below(os.path.join(here, "blocks"), path), "rb") as blocks:
                for first, count in source:
                    out.seek(first * BLOCK)
                    copy(blocks, out, min(count * BLOCK, size - first * BLOCK))
            out.truncate(size)
        out.seek(0)
        digest = hashlib.sha256()
        for chunk in iter(lambda: out.read(1 << 20), b""):
            digest.update(chunk)
    if digest.hexdigest() != file["sha256"]:
        stop(path + " is damaged, or the folder " + full + " does not hold " + base)
    try:
        seconds = calendar.timegm(time.strptime(file["mtime"][:19], "%Y-%m-%dT%H:%M:%S"))
        os.utime(made, (seconds, seconds))
    except (OSError, OverflowError, ValueError):
        pass


for name in (target, unfinished):
    if os.path.exists(name):
        stop("there is a " + name + " in this folder already: move it away first")
with open(os.path.join(here, "efaktur-backup.json"), encoding="utf-8") as text:
    listing = json.load(text)
if listing.get("format") != 1:
    stop("the list is not of format 1: this script is too old for it")
os.mkdir(unfinished)
for folder in listing["emptyFolders"]:
    os.makedirs(below(unfinished, folder), exist_ok=True)
for file in listing["files"]:
    restore(file, listing.get("base", "its full"))
os.rename(unfinished, target)
print("Restored / Dipulihkan: %d files in the folder %s" % (len(listing["files"]), target))
`;

/** The C# in the PowerShell script: C# 5, which Windows compiles by itself, and of .NET only its core library. */
const restoreCSharp = String.raw`using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;

public static class EfakturDifferential
{
    const int Block = 4096;
    public static int Files;

    // Null when all went well, else what went wrong.
    public static string Restore(string differential, string full, string target)
    {
        try
        {
            string unfinished = target + ".not-finished";
            foreach (string name in new string[] { target, unfinished })
                if (Directory.Exists(name) || File.Exists(name))
                    return "there is already " + name + ": move it away first";
            string text = File.ReadAllText(Path.Combine(differential, "efaktur-backup.json"), new UTF8Encoding(false, true));
            Dictionary<string, object> list = (Dictionary<string, object>)new Json(text).Whole();
            if (!(list["format"] is double) || (double)list["format"] != 1)
                return "the list is not of format 1: this script is too old for it";
            string needed = list.ContainsKey("base") ? (string)list["base"] : "its full";
            Directory.CreateDirectory(unfinished);
            foreach (object folder in (List<object>)list["emptyFolders"])
                Directory.CreateDirectory(Below(unfinished, (string)folder));
            Files = 0;
            foreach (object file in (List<object>)list["files"])
            {
                string problem = RestoreFile((Dictionary<string, object>)file, differential, full, needed, unfinished);
                if (problem != null) return problem;
                Files++;
            }
            Directory.Move(unfinished, target);
            return null;
        }
        catch (Exception error)
        {
            return error.Message;
        }
    }

    static string RestoreFile(Dictionary<string, object> file, string differential, string full, string needed, string to)
    {
        string path = (string)file["path"];
        long size = (long)(double)file["size"];
        object from = file.ContainsKey("from") ? file["from"] : null;
        string made = Below(to, path);
        Directory.CreateDirectory(Path.GetDirectoryName(made));
        string old = Below(Path.Combine(from == null ? differential : full, from == null ? "files" : "db"), path);
        if (!File.Exists(old))
            return old + " is not there" + (from == null ? "" : ": unpack " + needed + " into " + full);
        string digest;
        using (FileStream output = new FileStream(made, FileMode.CreateNew, FileAccess.ReadWrite))
        {
            using (FileStream whole = File.OpenRead(old)) Copy(whole, output, whole.Length);
            List<object> runs = from as List<object>;
            if (runs != null)
            {
                using (FileStream blocks = File.OpenRead(Below(Path.Combine(differential, "blocks"), path)))
                {
                    foreach (object run in runs)
                    {
                        long first = (long)(double)((List<object>)run)[0];
                        long count = (long)(double)((List<object>)run)[1];
                        output.Position = first * Block;
                        Copy(blocks, output, Math.Min(count * Block, size - first * Block));
                    }
                }
                output.SetLength(size);
            }
            output.Position = 0;
            using (SHA256 hash = SHA256.Create())
                digest = BitConverter.ToString(hash.ComputeHash(output)).Replace("-", "").ToLowerInvariant();
        }
        if (digest != (string)file["sha256"])
            return path + " is damaged, or " + full + " does not hold " + needed;
        DateTime time;
        if (DateTime.TryParse((string)file["mtime"], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time) && time.Year > 1601)
            File.SetLastWriteTimeUtc(made, time);
        return null;
    }

    static string Below(string folder, string path)
    {
        foreach (string part in path.Split('/'))
        {
            bool bad = part == "" || part == "." || part == "..";
            foreach (char c in part) bad = bad || c < ' ' || "\\:*?\"<>|".IndexOf(c) >= 0;
            if (bad) throw new Exception("a path that is not allowed: " + path);
            folder = Path.Combine(folder, part);
        }
        return folder;
    }

    static void Copy(FileStream source, FileStream output, long length)
    {
        byte[] buffer = new byte[1 << 20];
        while (length > 0)
        {
            int got = source.Read(buffer, 0, (int)Math.Min(length, buffer.Length));
            if (got == 0) throw new Exception("the differential is cut: " + source.Name);
            output.Write(buffer, 0, got);
            length -= got;
        }
    }

    // Reads JSON of any length: what PowerShell 5 has for it stops at a few megabytes.
    sealed class Json
    {
        readonly string text;
        int at;

        public Json(string text) { this.text = text; }

        public object Whole()
        {
            object value = Value(0);
            Skip();
            if (at != text.Length) throw Bad();
            return value;
        }

        Exception Bad() { return new Exception("efaktur-backup.json is damaged at character " + at); }

        void Skip() { while (at < text.Length && " \t\r\n".IndexOf(text[at]) >= 0) at++; }

        char Next()
        {
            Skip();
            if (at >= text.Length) throw Bad();
            return text[at];
        }

        void Take(string word)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0) throw Bad();
            at += word.Length;
        }

        object Value(int depth)
        {
            if (depth > 64) throw Bad();
            char c = Next();
            if (c == '{')
            {
                Dictionary<string, object> fields = new Dictionary<string, object>();
                at++;
                if (Next() == '}') { at++; return fields; }
                while (true)
                {
                    Next();
                    string name = Text();
                    if (Next() != ':') throw Bad();
                    at++;
                    fields[name] = Value(depth + 1);
                    if (Next() == '}') { at++; return fields; }
                    Take(",");
                }
            }
            if (c == '[')
            {
                List<object> items = new List<object>();
                at++;
                if (Next() == ']') { at++; return items; }
                while (true)
                {
                    items.Add(Value(depth + 1));
                    if (Next() == ']') { at++; return items; }
                    Take(",");
                }
            }
            if (c == '"') return Text();
            if (c == 't') { Take("true"); return true; }
            if (c == 'f') { Take("false"); return false; }
            if (c == 'n') { Take("null"); return null; }
            int from = at;
            while (at < text.Length && "+-.0123456789eE".IndexOf(text[at]) >= 0) at++;
            double number;
            if (!double.TryParse(text.Substring(from, at - from), NumberStyles.Float, CultureInfo.InvariantCulture, out number)) throw Bad();
            return number;
        }

        string Text()
        {
            Take("\"");
            StringBuilder result = new StringBuilder();
            while (true)
            {
                if (at >= text.Length) throw Bad();
                char c = text[at++];
                if (c == '"') return result.ToString();
                if (c != '\\') { result.Append(c); continue; }
                if (at >= text.Length) throw Bad();
                c = text[at++];
                int simple = "\"\\/bfnrt".IndexOf(c);
                if (simple >= 0) { result.Append("\"\\/\b\f\n\r\t"[simple]); continue; }
                int code;
                if (c != 'u' || at + 4 > text.Length) throw Bad();
                if (!int.TryParse(text.Substring(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)) throw Bad();
                result.Append((char)code);
                at += 4;
            }
        }
    }
}
`;

const powershell =
  String.raw`# Puts a differential backup of efaktur-cloud together with its full, without efaktur-cloud and without Python.
# In the folder that holds both:
#   powershell -ExecutionPolicy Bypass -File differential\restore.ps1 full
# Makes the folder db there and checks the SHA-256 of every file. Windows PowerShell 5 or newer, nothing else.
param([string]$Full = 'full')
$ErrorActionPreference = 'Stop'
Add-Type -TypeDefinition @'
${restoreCSharp}'@
$here = (Get-Location).ProviderPath
$fullPath = [System.IO.Path]::Combine($here, $Full)
$target = [System.IO.Path]::Combine($here, 'db')
$problem = [EfakturDifferential]::Restore($PSScriptRoot, $fullPath, $target)
if ($null -ne $problem) {
    Write-Host ('NOT RESTORED / BELUM DIPULIHKAN: ' + $problem)
    exit 1
}
Write-Host ('Restored / Dipulihkan: ' + [EfakturDifferential]::Files + ' files in the folder db')
exit 0
`.replaceAll('\n', '\r\n');

/** A member of every differential, right after its list. */
export interface FixedText {
  /** Beside the list. */
  readonly name: string;
  readonly bytes: Buffer;
}

export const differentialTexts: readonly FixedText[] = [
  { name: 'README.txt', bytes: Buffer.from(readme, 'ascii') },
  { name: 'restore.py', bytes: Buffer.from(python, 'ascii') },
  { name: 'restore.ps1', bytes: Buffer.from(powershell, 'ascii') },
];
