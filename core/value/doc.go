// Package value has one type for each kind of thing that people write into a
// field: amounts, quantities, dates, hours, addresses of e-mail, telephones,
// digits, keys of agencies, choices and renglones. Each is read in one place and
// printed in one place, and what is printed is read as the same value again.
//
// Reading never guesses. A text that can mean two things is an *Ambiguous with
// both of them, printed so that either can be sent back; a text that means
// nothing is an *Invalid that says what is wanted, with what may have been meant
// only where that is a reading of the whole text. The words for both are in core/es.
//
// # Numbers
//
// In Mexico a comma separates thousands and a point the decimals (NOM-008-SE
// takes a space between groups of three as well). Many people write it the other
// way round, and so a separator is judged by what stands around it:
//
//	written              read as                  because
//	18500                18500                    no separator
//	1,234  1,234,567     1234  1234567            commas between groups of three
//	1'234,567            1234567                  the apostrophe of millions
//	'18500               18500                    the apostrophe that has a spreadsheet keep a text
//	18 500               18500                    spaces between groups of three
//	1,234.50             1234.50                  the last separator is the decimal one
//	1.234,50             1234.50                  the same, the other way round
//	1.234.567            1234567                  one separator, more than once
//	12.5  12,5           12.5                     no group has one figure
//	18500,50             18500.50                 nor two
//	0.125  0,125         0.125                    no group is a zero
//	18500.500            18500.500                nobody groups some figures and not others
//	18 500,500           18500.500                nor with two separators
//	1.234                asked: 1,234 or 1.234    a point before three figures; of an amount only 1,234 is offered
//	18500,500            asked                    a comma before three figures, no group before it
//	1,234,56  1.2,34     refused                  neither one nor the other
//	1e3 NaN 0x1p4 ٣ -5 ½ refused                  only figures 0 to 9
//
// An amount has at most two decimals, a quantity at most six. Around an amount
// "$", "MXN", "M.N." and "pesos" may stand; other currencies are refused.
package value
