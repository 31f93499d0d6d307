#!/usr/bin/env bash
# make.sh writes the pictures beside it anew, of pase.png, which is paper.QR of the pass of the tests (apt-get install imagemagick).
set -euo pipefail
cd "$(dirname "$0")"
/usr/bin/convert -size 1280x960 xc:'#888' pase.png -gravity center -composite -colorspace Gray -blur 0x1 -strip -interlace JPEG -quality 60 progresiva.jpg
/usr/bin/convert -size 1600x1600 xc:gray -colorspace Gray -strip -interlace JPEG -quality 50 lisa.jpg
