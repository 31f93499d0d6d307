package cardtest

import (
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// stage is one way in which a record may stand: how it came there.
type stage struct {
	name string
	come func(s *Story) (id string)
}

type fields = map[core.Field]string

// Items are the renglones of the stories' request.
var Items = []core.Item{
	{Description: "Computadora de escritorio", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500), Features: "Procesador de 8 núcleos, 16 GB de memoria"},
	{Description: "Monitor de 24 pulgadas", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(3200)},
}

// RequestFields are the answers of the stories' request.
func RequestFields() map[core.Field]string {
	return fields{
		core.FieldSubject: "Adquisición de 20 computadoras de escritorio", core.FieldProcurement: "purchase", core.FieldCategory: "equipment",
		core.FieldJustification: "El equipo actual tiene más de ocho años y ya no recibe actualizaciones.",
		core.FieldBudgetLine:    "5151", core.FieldFunding: "Recursos estatales", core.FieldAmount: "503440.00",
		core.FieldMultiYear: core.No, core.FieldProject: "P-03 Renovación de equipo",
	}
}

// File is an attachment of the stories.
func File(name string) core.Attachment {
	return core.Attachment{Name: name, MIME: "application/pdf", Size: 48 << 10, Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
}

func (s *Story) program() {
	id := s.Do(Lucia, "", core.Command{Kind: core.KindProgram, Verb: core.VerbDeliver, Fields: fields{
		core.FieldYear: "2026", core.FieldLetterNumber: "IE/UI/0301/2026", core.FieldLetterDate: "2026-11-20",
	}, Files: []core.Attachment{File("programa-sectorial-2026.pdf")}}).ID
	s.Do(Sofia, id, core.Command{Verb: core.VerbValidate})
}

func (s *Story) draft() string {
	s.program()
	return s.At("2026-11-23 09:05").Do(Lucia, "", core.Command{
		Kind: core.KindRequest, Verb: core.VerbDraft, Fields: RequestFields(), Items: Items,
		Files: []core.Attachment{File("estudio-de-mercado.pdf"), File("cotizacion-a.pdf"), File("cotizacion-b.pdf")},
	}).ID
}

func (s *Story) filed() string {
	id := s.draft()
	s.At("2026-11-23 09:12").Do(Lucia, id, core.Command{Verb: core.VerbFile})
	return id
}

func (s *Story) sent(id string) string {
	s.At("2026-11-23 11:30").Do(Raul, id, core.Command{Verb: core.VerbSendLetter, Fields: fields{
		core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldLetterDate: "2026-11-23",
	}, Files: []core.Attachment{File("oficio-0412.pdf")}})
	return id
}

func (s *Story) receipt(id string) string {
	s.At("2026-11-24 10:06").Do(Tomas, id, core.Command{Verb: core.VerbReceiveLetter, Where: "slack", Fields: fields{
		core.FieldFolio: "OP-2231", core.FieldReceivedDate: "2026-11-24", core.FieldReceivedTime: "10:05", core.FieldLetterNumber: "IE/ST/0412/2026",
	}})
	return id
}

func (s *Story) released() string {
	id := s.filed()
	s.At("2026-11-23 10:42").Do(Raul, id, core.Command{Verb: core.VerbRelease})
	return id
}

func (s *Story) received() string { return s.receipt(s.sent(s.released())) }

func (s *Story) referred() string {
	id := s.received()
	s.At("2026-11-24 11:00").Do(Tomas, id, core.Command{Verb: core.VerbRefer, Where: "slack"})
	return id
}

func (s *Story) assigned() string {
	id := s.referred()
	s.At("2026-11-24 12:30").Do(Hector, id, core.Command{Verb: core.VerbAssign, Where: "slack", Fields: fields{core.FieldExecutive: Mariana}})
	return id
}

func (s *Story) observe(id, section, missing, deliver string) string {
	s.Do(Mariana, id, core.Command{Verb: core.VerbObserve, Where: "slack", Fields: fields{
		core.FieldSection: section, core.FieldMissing: missing, core.FieldDeliver: deliver, core.FieldDueDate: "2026-11-27",
	}})
	return id
}

func (s *Story) observed() string {
	id := s.assigned()
	s.At("2026-11-24 13:00")
	return s.observe(id, "annexes", "La cotización del proveedor B está vencida.", "cotización con fecha de los últimos 30 días.")
}

func (s *Story) observedTwice() string {
	return s.observe(s.observed(), "budget", "Falta la carta de suficiencia presupuestal.", "carta de suficiencia firmada.")
}

func (s *Story) answer(id, n string) string {
	s.At("2026-11-25 09:40").Do(Lucia, id, core.Command{
		Verb: core.VerbAnswer, Fields: fields{core.FieldObservation: n, core.FieldAnswer: "Se adjunta la cotización vigente."},
		Files: []core.Attachment{File("cotizacion-b-vigente.pdf")},
	})
	return id
}

func (s *Story) issue(outcome string) string {
	id := s.assigned()
	s.At("2026-12-07 09:30").Do(Mariana, id, core.Command{Verb: core.VerbIssue, Where: "slack", Fields: fields{
		core.FieldOpinionNumber: "DT-0093/2026", core.FieldOutcome: outcome,
	}, Files: []core.Attachment{File("dictamen-0093.pdf")}})
	s.At("2026-12-07 09:31").Do("system", id, core.Command{Verb: core.VerbMailed, Where: "system"})
	return id
}

func (s *Story) issued() string { return s.issue(core.Favorable) }

func (s *Story) call(id, result string) string {
	s.At("2026-12-07 10:15").Do(Mariana, id, core.Command{Verb: core.VerbLogCall, Where: "slack", Fields: fields{core.FieldCallResult: result}})
	return id
}

func (s *Story) substitution() {
	s.At("2026-11-23 09:01").Do(Raul, Raul, core.Command{Verb: core.VerbSubstitute, Fields: fields{
		core.FieldSubstitute: Elena, core.FieldFromDate: "2026-11-23", core.FieldToDate: "2026-11-27",
	}})
	s.Do(Elena, Raul, core.Command{Verb: core.VerbStandIn})
}

// stages are all that the stories tell, in the order of the process.
var stages = map[core.Kind][]stage{
	core.KindAgency: {{"registered", func(*Story) string { return core.AgencyID("IE") }}},
	core.KindProgram: {
		{"delivered", (*Story).delivered},
		{"returned", func(s *Story) string {
			id := s.delivered()
			s.At("2026-11-24 09:30").Do(Sofia, id, core.Command{Verb: core.VerbReturn, Fields: fields{core.FieldReason: "El programa no trae la firma de la persona titular."}})
			return id
		}},
		{"validated", func(s *Story) string { s.program(); return core.ProgramID("IE", "2026") }},
	},
	core.KindAccount: {
		{"requested", (*Story).applied},
		{"granted", func(s *Story) string {
			id := s.applied()
			s.Do(Sofia, id, core.Command{Verb: core.VerbGrant})
			return id
		}},
		{"active", func(*Story) string { return Lucia }},
		{"unlinked", func(s *Story) string {
			s.At("2026-11-23 09:30").Do(Sofia, Lucia, core.Command{Verb: core.VerbUnlink, Fields: fields{core.FieldPlatform: "slack"}})
			return Lucia
		}},
		{"absent", func(s *Story) string {
			s.Do(Raul, Raul, core.Command{Verb: core.VerbSubstitute, Fields: fields{
				core.FieldSubstitute: Elena, core.FieldFromDate: "2026-11-30", core.FieldToDate: "2026-12-04",
			}})
			return Raul
		}},
		{"excused", func(s *Story) string {
			s.Do(Raul, Raul, core.Command{Verb: core.VerbSubstitute, Fields: fields{
				core.FieldSubstitute: Elena, core.FieldFromDate: "2026-11-30", core.FieldToDate: "2026-12-04",
			}})
			s.Do(Elena, Raul, core.Command{Verb: core.VerbExcuse})
			return Raul
		}},
		{"substituted", func(s *Story) string { s.substitution(); return Raul }},
		{"come-back", func(s *Story) string {
			s.substitution()
			s.At("2026-11-25 09:00").Do(Raul, Raul, core.Command{Verb: core.VerbComeBack})
			return Raul
		}},
		{"suspended", func(s *Story) string {
			s.Do(Sofia, Elena, core.Command{Verb: core.VerbSuspend, Fields: fields{core.FieldReason: "Dejó el cargo el 20 de noviembre."}})
			return Elena
		}},
		{"erased", func(s *Story) string {
			s.erase(Elena)
			return Elena
		}},
		{"denied", func(s *Story) string {
			id := s.applied()
			s.Do(Sofia, id, core.Command{Verb: core.VerbDeny, Fields: fields{core.FieldReason: "El oficio no está firmado por la persona titular."}})
			return id
		}},
	},
	core.KindRequest: {
		{"draft", (*Story).draft},
		{"draft-begun", func(s *Story) string {
			s.program()
			return s.Do(Lucia, "", core.Command{Kind: core.KindRequest, Verb: core.VerbDraft, Fields: fields{core.FieldSubject: "Adquisición de licencias de ofimática"}}).ID
		}},
		{"filed", (*Story).filed},
		{"filed-letter-sent", func(s *Story) string { return s.sent(s.filed()) }},
		{"filed-letter-received", func(s *Story) string { return s.receipt(s.sent(s.filed())) }},
		{"filed-substituted", func(s *Story) string { s.substitution(); return s.filed() }},
		{"filed-reminded", func(s *Story) string {
			s.substitution()
			id := s.filed()
			s.At("2026-11-26 09:00").Do("system", id, core.RemindCommand([]core.Reminder{{Duty: core.DutyRelease, Turn: 2, N: 1, Late: 1}}, ""))
			return id
		}},
		{"returned", (*Story).returned},
		{"filed-corrected", func(s *Story) string {
			id := s.returned()
			s.At("2026-11-24 09:00").Do(Lucia, id, core.Command{Verb: core.VerbCorrect, Fields: fields{
				core.FieldNote: "Se corrigió el monto estimado.", core.FieldAmount: "429200.00",
			}})
			return id
		}},
		{"released", (*Story).released},
		{"released-by-substitute", func(s *Story) string {
			s.substitution()
			id := s.filed()
			s.At("2026-11-23 10:42").Do(Elena, id, core.Command{Verb: core.VerbRelease})
			return id
		}},
		{"released-letter-sent", func(s *Story) string { return s.sent(s.released()) }},
		{"received", (*Story).received},
		{"received-undone", func(s *Story) string {
			id := s.referred()
			s.At("2026-11-24 11:00").Do(Tomas, id, core.Command{Verb: core.VerbUndoRefer, Where: "slack"})
			return id
		}},
		{"referred", (*Story).referred},
		{"referred-declined", func(s *Story) string {
			id := s.assigned()
			s.At("2026-11-24 13:00").Do(Mariana, id, core.Command{Verb: core.VerbDecline, Where: "slack", Fields: fields{core.FieldReason: "Corresponde al área de telecomunicaciones."}})
			return id
		}},
		{"assigned", (*Story).assigned},
		{"assigned-accepted", func(s *Story) string {
			id := s.assigned()
			s.At("2026-11-24 12:45").Do(Mariana, id, core.Command{Verb: core.VerbAccept, Where: "slack"})
			return id
		}},
		{"observed", (*Story).observed},
		{"observed-half-answered", func(s *Story) string {
			id := s.answer(s.observedTwice(), "2")
			s.Do(Lucia, id, core.Command{Verb: core.VerbAskCall})
			return id
		}},
		{"assigned-answered", func(s *Story) string { return s.answer(s.observed(), "1") }},
		{"observed-again", func(s *Story) string {
			id := s.answer(s.observed(), "1")
			s.At("2026-11-25 10:30").Do(Mariana, id, core.Command{Verb: core.VerbAskAgain, Where: "slack", Fields: fields{
				core.FieldObservation: "1", core.FieldMissing: "La cotización no trae la firma del proveedor.",
			}})
			return id
		}},
		{"assigned-resolved", func(s *Story) string {
			id := s.answer(s.observed(), "1")
			s.At("2026-11-25 10:30").Do(Mariana, id, core.Command{Verb: core.VerbResolve, Where: "slack", Fields: fields{core.FieldObservation: "1"}})
			return id
		}},
		{"issued", (*Story).issued},
		{"issued-unfavorable", func(s *Story) string { return s.issue(core.Unfavorable) }},
		{"issued-not-answered", func(s *Story) string { return s.call(s.issued(), core.CallNoAnswer) }},
		{"released-nudged", func(s *Story) string {
			id := s.sent(s.released())
			s.At("2026-11-25 09:30").Do(Tomas, id, core.Command{Verb: core.VerbNotArrived, Where: "slack"})
			s.At("2026-11-25 10:00").Do(Lucia, id, core.Command{Verb: core.VerbNudge})
			s.Do(Raul, id, core.Command{Verb: core.VerbComment, Fields: fields{core.FieldNote: "El oficio salió el lunes por mensajería."}})
			s.Do(Raul, id, core.Command{Verb: core.VerbAttach, Files: []core.Attachment{File("guia-de-mensajeria.pdf")}})
			return id
		}},
		{"issued-reached", func(s *Story) string { return s.call(s.issued(), core.CallAnswered) }},
		{"collected", func(s *Story) string {
			id := s.call(s.issued(), core.CallAnswered)
			s.At("2026-12-09 11:20").Do(Tomas, id, core.Command{Verb: core.VerbHandOver, Where: "slack", Fields: fields{
				core.FieldShown: "483920", core.FieldReceivedBy: "Lucía Herrera Campos",
			}})
			return id
		}},
		{"cancelled", func(s *Story) string {
			id := s.filed()
			s.At("2026-11-23 12:00").Do(Lucia, id, core.Command{Verb: core.VerbCancel, Fields: fields{core.FieldReason: "Ya no se requiere el equipo este año."}})
			return id
		}},
		{"discarded", func(s *Story) string {
			id := s.draft()
			s.Do(Lucia, id, core.Command{Verb: core.VerbDiscard})
			return id
		}},
	},
}

func (s *Story) delivered() string {
	return s.Do(Lucia, "", core.Command{Kind: core.KindProgram, Verb: core.VerbDeliver, Fields: fields{
		core.FieldYear: "2026", core.FieldLetterNumber: "IE/UI/0301/2026", core.FieldLetterDate: "2026-11-20",
	}, Files: []core.Attachment{File("programa-sectorial-2026.pdf")}}).ID
}

func (s *Story) returned() string {
	id := s.filed()
	s.At("2026-11-23 10:42").Do(Raul, id, core.Command{Verb: core.VerbReturn, Fields: fields{core.FieldReason: "El monto no coincide con los renglones."}})
	return id
}

func (s *Story) applied() string {
	return s.Do(Sofia, "", core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Fields: fields{
		core.FieldName: "Marta Solano Ruiz", core.FieldPost: "Secretaria Técnica del Comité Interno de Gobierno Digital", core.FieldEmail: "marta.solano@ejemplo.gob.mx",
		core.FieldPhone: "722 555 0120", core.FieldProfile: "secretary", core.FieldLetterNumber: "IE/DG/0091/2026", core.FieldLetterDate: "2026-11-20",
		core.FieldAgency: "IE",
	}}).ID
}
