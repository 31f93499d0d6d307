package redistest

import "syscall"

// mortal makes a process end with the test binary, however that ends.
func mortal() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
