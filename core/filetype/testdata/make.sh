#!/usr/bin/env bash
# make.sh writes the files beside it anew, with the programs that people's files come from (Debian):
# apt-get install libreoffice-calc-nogui libreoffice-writer-nogui qpdf imagemagick libheif-examples webp
set -euo pipefail
cd "$(dirname "$0")"
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT

printf 'Descripción,Cantidad,Unidad,Precio unitario sin IVA\nComputadora de escritorio,20,pieza,18500\n' > "$tmp/hoja.csv"
for kind in xlsx ods xls; do
  soffice --headless --convert-to $kind --infilter='CSV:44,34,76' --outdir . "$tmp/hoja.csv" >/dev/null
done
echo 'Oficio de prueba' > "$tmp/texto.txt"
for kind in docx doc odt rtf; do
  soffice --headless --convert-to $kind --infilter='Text' --outdir . "$tmp/texto.txt" >/dev/null
done

cat > "$tmp/hand.pdf" <<'P'
%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>
endobj
trailer
<< /Root 1 0 R /Size 4 >>
startxref
0
%%EOF
P
qpdf --warning-exit-0 "$tmp/hand.pdf" oficio.pdf 2>/dev/null
for bits in 40 128 256; do
  for r in '' $([ $bits = 128 ] && echo aes) $([ $bits = 256 ] && echo r5); do
    flags=$([ "$r" = aes ] && echo --use-aes=y || true; [ "$r" = r5 ] && echo --force-R5 || true)
    qpdf --allow-weak-crypto oficio.pdf --encrypt secreto dueño $bits $flags -- clave-$bits$r.pdf
    qpdf --allow-weak-crypto oficio.pdf --encrypt '' dueño $bits $flags -- abierto-$bits$r.pdf
  done
done
qpdf --object-streams=generate --encrypt '' dueño 256 -- oficio.pdf abierto-objetos.pdf

convert -size 64x48 gradient:blue-white "$tmp/foto.png"
convert "$tmp/foto.png" -strip foto.png
convert "$tmp/foto.png" -strip foto.jpg
convert "$tmp/foto.png" -strip -interlace JPEG progresiva.jpg
convert "$tmp/foto.png" -strip foto.tif
convert "$tmp/foto.png" -strip foto.gif
heif-enc -q 30 -o foto.heic "$tmp/foto.png" >/dev/null
cwebp -quiet "$tmp/foto.png" -o foto.webp
