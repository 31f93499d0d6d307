package es

import (
	"fmt"
	"path"
	"strings"

	"sidem.gob.mx/sidem/core/filetype"
)

// received says what came, of each kind of file that is not taken everywhere. The first
// sentence of the answer; what to do follows.
var received = map[filetype.Kind]string{
	filetype.PDF:  "Recibí un PDF.",
	filetype.JPEG: "Recibí una foto.",
	filetype.PNG:  "Recibí una imagen.",
	filetype.XLSX: "Recibí una hoja de Excel.",
	filetype.DOCX: "Recibí un documento de Word.",

	filetype.HEIC: "Recibí una foto HEIC del iPhone.",
	filetype.WebP: "Recibí una imagen WebP.",
	filetype.AVIF: "Recibí una imagen AVIF.",
	filetype.GIF:  "Recibí una imagen GIF.",
	filetype.TIFF: "Recibí una imagen TIFF.",
	filetype.BMP:  "Recibí una imagen BMP.",
	filetype.SVG:  "Recibí un dibujo SVG.",

	filetype.XLS:      "Recibí una hoja de Excel anterior a 2007 (.xls).",
	filetype.DOC:      "Recibí un documento de Word anterior a 2007 (.doc).",
	filetype.PPT:      "Recibí una presentación de PowerPoint (.ppt).",
	filetype.PPTX:     "Recibí una presentación de PowerPoint (.pptx).",
	filetype.XLSB:     "Recibí un libro binario de Excel (.xlsb).",
	filetype.Macros:   "Recibí un documento de Office con macros.",
	filetype.Template: "Recibí una plantilla de Office, no un documento.",
	filetype.ODS:      "Recibí una hoja de LibreOffice (.ods).",
	filetype.ODT:      "Recibí un documento de LibreOffice (.odt).",
	filetype.ODP:      "Recibí una presentación de LibreOffice (.odp).",
	filetype.IWork:    "Recibí un documento de Pages, Numbers o Keynote.",
	filetype.RTF:      "Recibí un documento RTF.",
	filetype.CSV:      "Recibí una lista de valores (.csv).",
	filetype.Text:     "Recibí un archivo de texto.",
	filetype.XML:      "Recibí un archivo XML.",
	filetype.Page:     "Recibí una página web en lugar del documento.",
	filetype.Shortcut: "Recibí un acceso directo: dice dónde está el documento, pero no lo contiene.",
	filetype.EML:      "Recibí un correo guardado (.eml).",
	filetype.MSG:      "Recibí un correo de Outlook (.msg).",
	filetype.ZIP:      "Recibí una carpeta comprimida (.zip).",
	filetype.RAR:      "Recibí una carpeta comprimida (.rar).",
	filetype.SevenZip: "Recibí una carpeta comprimida (.7z).",
	filetype.GZip:     "Recibí un archivo comprimido (.gz).",
	filetype.Sound:    "Recibí una nota de voz o un archivo de audio.",
	filetype.Film:     "Recibí un video.",

	filetype.Empty:        "El archivo está vacío.",
	filetype.CutPDF:       "El PDF llegó incompleto: le falta el final.",
	filetype.CutPicture:   "La imagen llegó incompleta: le falta el final.",
	filetype.CutArchive:   "El archivo llegó incompleto o está dañado, y no se puede abrir.",
	filetype.LockedPDF:    "El PDF pide una contraseña para abrirse.",
	filetype.LockedOffice: "El documento pide una contraseña para abrirse.",
}

// remedies say what to do with a kind of file that cannot be an attachment.
var remedies = map[filetype.Kind]string{
	filetype.HEIC: "Envíela como foto y no como archivo, o conviértala a JPG o a PDF.",
	filetype.WebP: "Guárdela como JPG o PNG, o envíe una captura de pantalla.",
	filetype.AVIF: "Guárdela como JPG o PNG, o envíe una captura de pantalla.",
	filetype.GIF:  "Guárdela como JPG o PNG, o envíe una captura de pantalla.",
	filetype.TIFF: "Escanee el documento como PDF, o guarde la imagen como JPG.",
	filetype.BMP:  "Guárdela como JPG o PNG.",
	filetype.SVG:  "Guárdelo como PDF o PNG.",

	filetype.XLS:      "Ábrala en Excel y guárdela como “Libro de Excel (.xlsx)” o como PDF.",
	filetype.DOC:      "Ábralo en Word y guárdelo como PDF o como “Documento de Word (.docx)”.",
	filetype.PPT:      "Guárdela como PDF.",
	filetype.PPTX:     "Guárdela como PDF.",
	filetype.XLSB:     "Ábralo en Excel y guárdelo como “Libro de Excel (.xlsx)” o como PDF.",
	filetype.Macros:   "Guárdelo sin macros, en .xlsx o .docx, o como PDF.",
	filetype.Template: "Ábrala, guárdela como documento (.xlsx o .docx) o como PDF, y envíe ese archivo.",
	filetype.ODS:      "Ábrala y guárdela como PDF o como “Excel 2007-365 (.xlsx)”.",
	filetype.ODT:      "Ábralo y expórtelo como PDF.",
	filetype.ODP:      "Ábrala y expórtela como PDF.",
	filetype.IWork:    "Expórtelo como PDF, Excel o Word.",
	filetype.RTF:      "Guárdelo como PDF.",
	filetype.CSV:      "Ábrala en Excel y guárdela como “Libro de Excel (.xlsx)” o como PDF.",
	filetype.Text:     "Guárdelo como PDF.",
	filetype.XML:      "Si es una factura, envíe su PDF.",
	filetype.Page:     "Descargue el documento a su equipo y envíelo desde ahí.",
	filetype.Shortcut: "Descargue el documento como PDF y envíe ese archivo.",
	filetype.EML:      "Abra el correo y envíe sus documentos en PDF; el correo mismo puede imprimirse como PDF.",
	filetype.MSG:      "Abra el correo y envíe sus documentos en PDF; el correo mismo puede imprimirse como PDF.",
	filetype.ZIP:      "Descomprímala y envíe sus documentos uno por uno.",
	filetype.RAR:      "Descomprímala y envíe sus documentos uno por uno.",
	filetype.SevenZip: "Descomprímala y envíe sus documentos uno por uno.",
	filetype.GZip:     "Descomprímalo y envíe sus documentos uno por uno.",
	filetype.Sound:    "Aquí hace falta un documento: envíelo en PDF o en foto legible.",
	filetype.Film:     "Aquí hace falta un documento: envíelo en PDF o en foto legible.",

	filetype.Empty:        "Revise que se abra en su equipo y envíelo de nuevo.",
	filetype.CutPDF:       "Espere a que termine de descargarse, revise que se abra y envíelo de nuevo.",
	filetype.CutPicture:   "Envíela de nuevo o tome otra.",
	filetype.CutArchive:   "Revise que se abra en su equipo, guárdelo de nuevo y envíelo.",
	filetype.LockedPDF:    "Imprímalo como PDF para quitarla, y envíe esa copia.",
	filetype.LockedOffice: "Guárdelo sin contraseña y envíelo de nuevo.",
}

// FileRefused says of a file that is not taken as an attachment what it is, and what to
// do. name is what it was called.
func FileRefused(name string, k filetype.Kind) string {
	if got, ok := received[k]; ok {
		return got + " " + remedies[k]
	}
	ext := clip(strings.ToLower(path.Ext(name)), 12)
	if promised := filetype.OfName(name); promised.IsTaken() {
		return fmt.Sprintf("El contenido de “%s” no es lo que dice su nombre. Ábralo en su equipo, guárdelo como PDF y envíelo de nuevo.", clip(name, 60))
	}
	if ext == "" || strings.ContainsAny(ext, " 0123456789") {
		return "No reconozco ese archivo. Envíe PDF o una foto legible."
	}
	return fmt.Sprintf("Recibí un archivo %s. Envíe PDF o una foto legible.", ext)
}

// sheetRemedies are those of remedies that end in a spreadsheet.
var sheetRemedies = map[filetype.Kind]string{
	filetype.XLS:          "Ábrala en Excel, guárdela como “Libro de Excel (.xlsx)” y envíela de nuevo.",
	filetype.XLSB:         "Ábralo en Excel, guárdelo como “Libro de Excel (.xlsx)” y envíelo de nuevo.",
	filetype.ODS:          "Ábrala, guárdela como “Excel 2007-365 (.xlsx)” y envíela de nuevo.",
	filetype.IWork:        "Expórtelo a Excel (.xlsx) y envíelo de nuevo.",
	filetype.Macros:       "Guárdelo como “Libro de Excel (.xlsx)”, sin macros, y envíelo de nuevo.",
	filetype.Template:     "Ábrala, guárdela como “Libro de Excel (.xlsx)” y envíe ese archivo.",
	filetype.LockedOffice: remedies[filetype.LockedOffice],
	filetype.CutArchive:   remedies[filetype.CutArchive],
	filetype.Empty:        remedies[filetype.Empty],
	filetype.Page:         "Ábrala en Excel, guárdela como “Libro de Excel (.xlsx)” y envíela de nuevo.",
	filetype.XML:          "Ábralo en Excel, guárdelo como “Libro de Excel (.xlsx)” y envíelo de nuevo.",
	filetype.Shortcut:     "Descargue la hoja en .xlsx y envíe ese archivo.",
}

// SheetRefused says of a file that no renglones can be read from what it is, and what
// to do.
func SheetRefused(k filetype.Kind) string {
	got, ok := received[k]
	if !ok {
		got = "No pude leer el archivo como hoja de cálculo."
	}
	if remedy, ok := sheetRemedies[k]; ok {
		return got + " " + remedy
	}
	return got + " Aquí van los renglones: llene la plantilla de Excel (.xlsx) y envíela, o escríbalos."
}

// FilesTooMany says that a form cannot hold the files that came beside those that it holds.
func FilesTooMany(held, came, most int) string {
	if held == 0 {
		return fmt.Sprintf("Llegaron %d archivos y caben %d; no guardé ninguno. Envíe los que hagan falta, o reúna varios en un solo PDF.", came, most)
	}
	return fmt.Sprintf("Caben %d archivos: ya hay %s y %s más. Lo último no se guardó. Si faltan documentos, reúna varios en un solo PDF.",
		most, Count(held, "archivo", "archivos"), arrived(came))
}

func arrived(n int) string {
	if n == 1 {
		return "llegó 1"
	}
	return fmt.Sprintf("llegaron %d", n)
}

// FilesTooHeavy says that the files of a form weigh more together than limit bytes.
func FilesTooHeavy(limit int64) string {
	return fmt.Sprintf("Los archivos pesan juntos más de %d MB, que es lo que puedo recibir aquí. Lo último no se guardó. Envíe los documentos en PDF, o escaneados con menor resolución.", limit>>20)
}

// FileTooLarge says what a file weighs and what may; a size of limit or less is unknown.
func FileTooLarge(size, limit int64) string {
	if size <= limit {
		return fmt.Sprintf("El archivo pesa más de %d MB; puedo recibir hasta %d MB.", limit>>20, limit>>20)
	}
	return FileHeavy(size, limit)
}

// FileProblem says which of several files a problem is about.
func FileProblem(name, problem string) string { return "“" + clip(name, 60) + "”: " + problem }

// FileNotGiven is said of a file that its platform does not hand over.
const FileNotGiven = "No pude abrir ese archivo: puede que se haya borrado, que esté en otro servicio, como Google Drive u OneDrive, o que SIDEM no tenga permiso de leerlo. Descárguelo a su equipo y envíelo desde ahí."
