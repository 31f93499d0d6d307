#!/usr/bin/env bash
# make.sh writes the pictures beside it anew, of pase.png, which is paper.QR of the pass of the tests (apt-get install imagemagick).
set -euo pipefail
cd "$(dirname "$0")"
/usr/bin/convert -size 1280x960 xc:'#888' pase.png -gravity center -composite -colorspace Gray -blur 0x1 -strip -interlace JPEG -quality 60 progresiva.jpg
/usr/bin/convert -size 1600x1600 xc:gray -colorspace Gray -strip -interlace JPEG -quality 50 lisa.jpg

# Spreadsheets, as openpyxl writes them (no formula is reckoned) and as LibreOffice does
# (apt-get install python3-openpyxl libreoffice-calc-nogui).
/usr/bin/python3 - <<'P'
from openpyxl import Workbook
from openpyxl.styles import Font
b = Workbook()
hidden = b.active
hidden.title, hidden.sheet_state = "Catálogo", "hidden"
for row in [["Descripción", "Cantidad", "Unidad", "Precio unitario"], ["Catálogo interno", 4000, "pieza", 5]]:
    hidden.append(row)
s = b.create_sheet("Requisición")
s["A1"] = "INSTITUTO DE EJEMPLO"
s.merge_cells("A1:G1")
s["A2"] = "Anexo técnico"
heads = ["No.", "UNIDAD DE MEDIDA", "P. unitario (sin IVA)", "Cantidad", "Importe", "Descripcion del bien", "Especificaciones técnicas"]
for i, h in enumerate(heads):
    s.cell(4, i + 1, h).font = Font(bold=True)
rows = [
    (1, "Pieza", 18500.5, 20, "Computadora de escritorio", "Procesador de 8 núcleos\n16 GB de memoria"),
    (2, "Licencia", "=21460/1.16/2", "1,500", "Licencia de ofimática; anual", None),
    None,
    (3, "Servicio", None, 0.5, "Instalación", "Incluye pruebas"),
]
for i, r in enumerate(rows):
    if r is None:
        continue
    n = 5 + i
    for c, v in zip("ABCDFG", r):
        s[f"{c}{n}"] = v
    s[f"C{n}"].number_format = '"$"#,##0.00'
    s[f"E{n}"] = f"=C{n}*D{n}"
s["F10"], s["E10"] = "TOTAL", "=SUM(E5:E9)"
b.active = 1
b.save("openpyxl.xlsx")
P
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
soffice --headless --convert-to xlsx --outdir "$tmp" openpyxl.xlsx >/dev/null 2>&1
mv "$tmp/openpyxl.xlsx" libreoffice.xlsx

# Two more by LibreOffice: heads of two rows with what belongs to no renglón, and one fault of
# each kind; and a list, as .ods and as .xlsx.
( cd "$tmp" && /usr/bin/python3 - ) <<'P'
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
b = Workbook(); s = b.active; s.title = "Requisición"
s["A1"] = "INSTITUTO DE EJEMPLO"; s.merge_cells("A1:F1")
blue, white = PatternFill("solid", fgColor="1F4E79"), Font(color="FFFFFF", bold=True)
for c, v in zip("ABCDEF", ["Descripción", "Cantidad", "Unidad", "Precio unitario", None, "Importe"]):
    s[f"{c}3"] = v; s[f"{c}3"].fill = blue; s[f"{c}3"].font = white
s["D4"], s["E4"] = "con IVA", "sin IVA"
for c in "ABCF": s.merge_cells(f"{c}3:{c}4")
s.merge_cells("D3:E3")
rows = [("Computadora\u00a0de escritorio", 20, "Pieza", "=E5*1.16", 18500.5), ("Licencia\u200b de ofimática", "1500", "Licencia", "=E6*1.16", "9.250,00"), ("Monitor de 24\"", "'3", "pieza", None, 3200)]
for i, r in enumerate(rows):
    n = 5 + i
    for c, v in zip("ABCDE", r): s[f"{c}{n}"] = v
    s[f"E{n}"].number_format = '_-"$"* #,##0.00_-;\\-"$"* #,##0.00_-;_-"$"* "-"??_-;_-@_-'
    if i != 1 and i != 2: s[f"F{n}"] = f"=B{n}*E{n}"
s["A9"] = "TOTAL"
b.save("encabezados.xlsx")
# what is wrong
w = Workbook(); s = w.active; s.title = "Hoja1"
for c, v in zip("ABCDE", ["Descripción", "Cantidad", "Unidad", "Precio unitario", "Características"]): s[f"{c}1"] = v
data = [("Monitor", 2, "pieza", 3200, None), ("Oculto", 4000, "pieza", 5, None), ("Mouse", 10, "pieza", "=1/0", None), ("Cable", 46000, "metro", 18, None), ("Servicio", 0.16, "mes", 900, None), ("Tinta", 2.4, "caja", 1234.5, None), ("=NA()", 1, "pieza", 1, None), ("Teclado", 3, "pieza", 150, 0.5)]
for i, r in enumerate(data):
    for c, v in zip("ABCDE", r): s[f"{c}{i+2}"] = v
for c in "ABCD": s[f"{c}3"].font = Font(color="FFFFFF")
s["B5"].number_format = "dd/mm/yyyy"; s["B6"].number_format = "0%"; s["B7"].number_format = "0"; s["E9"].number_format = "0%"
s["A9"].font = Font(strike=True)
w.save("defectos.xlsx")
P
cat >"$tmp/lista.csv" <<'C'
Instituto de Ejemplo;;;;
Descripción;Cantidad;Unidad;Precio unitario;Características técnicas
Impresora láser;5;pieza;4.000,50;Dúplex
Licencia;1.500;licencia;9250;
Cable;12,5;metro;18,00;
C
mkdir "$tmp/out"
soffice --headless --convert-to xlsx --outdir "$tmp/out" "$tmp/encabezados.xlsx" "$tmp/defectos.xlsx" >/dev/null 2>&1
soffice --headless --convert-to ods:calc8 --infilter=CSV:59,34,UTF8,1,,3082 --outdir "$tmp/out" "$tmp/lista.csv" >/dev/null 2>&1
soffice --headless --convert-to xlsx --outdir "$tmp/out" "$tmp/out/lista.ods" >/dev/null 2>&1
mv "$tmp/out/encabezados.xlsx" "$tmp/out/defectos.xlsx" "$tmp/out/lista.xlsx" .
mv "$tmp/out/lista.ods" libreoffice.ods
