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
