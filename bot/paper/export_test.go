package paper

// MostRows bounds the rows of a sheet, its heads included.
func (b *Workbook) MostRows(n int) { b.most = n }
