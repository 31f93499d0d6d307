package es

import "fmt"

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

// FileProblem says which of several files a problem is about.
func FileProblem(name, problem string) string { return "“" + clip(name, 60) + "”: " + problem }

// FileNotGiven is said of a file that its platform does not hand over.
const FileNotGiven = "No pude abrir ese archivo: puede que se haya borrado, que esté en otro servicio, como Google Drive u OneDrive, o que SIDEM no tenga permiso de leerlo. Descárguelo a su equipo y envíelo desde ahí."
