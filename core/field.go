package core

// Field names one value that a command brings or a record holds.
type Field string

// The fields of all kinds of record. Their types and bounds are in Fields.
const (
	FieldName           Field = "name"
	FieldYear           Field = "year"
	FieldReason         Field = "reason"
	FieldNote           Field = "note"
	FieldAgency         Field = "agency"
	FieldUser           Field = "user"
	FieldPost           Field = "post"
	FieldEmail          Field = "email"
	FieldPhone          Field = "phone"
	FieldExtension      Field = "extension"
	FieldFormerAgencies Field = "former_agencies" // of a correction: those that its person belonged to before, with commas
	FieldOwnEmail       Field = "own_email"       // of an account: "1" since its address of e-mail is kept as a unique key
	FieldFormerEmail    Field = "former_email"    // of a correction: where its person was to be reached before
	FieldProfile        Field = "profile"
	FieldChannels       Field = "channels"
	FieldPlatform       Field = "platform" // a chat that is linked
	FieldChat           Field = "chat"     // the person's id on that platform

	FieldSubstitute Field = "substitute"
	FieldFromDate   Field = "from_date"
	FieldToDate     Field = "to_date"

	FieldUnit          Field = "unit"
	FieldSubject       Field = "subject"
	FieldProcurement   Field = "procurement" // adquisición, arrendamiento, servicio
	FieldCategory      Field = "category"
	FieldItems         Field = "items"
	FieldJustification Field = "justification"
	FieldBudgetLine    Field = "budget_line" // partida: four digits
	FieldFunding       Field = "funding"
	FieldAmount        Field = "amount" // MXN with VAT
	FieldMultiYear     Field = "multi_year"
	FieldProject       Field = "project"
	FieldFiles         Field = "files"

	FieldLetterNumber Field = "letter_number"
	FieldLetterDate   Field = "letter_date"
	FieldFolio        Field = "folio"
	FieldReceivedDate Field = "received_date"
	FieldReceivedTime Field = "received_time"

	FieldHead      Field = "head"
	FieldLeft      Field = "left" // whose account can do no more what this is about
	FieldExecutive Field = "executive"

	FieldSection     Field = "section"
	FieldMissing     Field = "missing"
	FieldDeliver     Field = "deliver"
	FieldDueDate     Field = "due_date" // by when an answer is suggested
	FieldObservation Field = "observation"
	FieldAnswer      Field = "answer"

	FieldOpinionNumber Field = "opinion_number"
	FieldOutcome       Field = "outcome"
	FieldPickupCode    Field = "pickup_code"
	FieldPickupKey     Field = "pickup_key" // chance, of which the codes of others than who asked are made
	FieldCallResult    Field = "call_result"
	FieldReceivedBy    Field = "received_by"
	// At the counter a code or an identification is shown: FieldShown is the code, or
	// what a pass says, as it was read, and FieldIdentified the kind of identification.
	// Until 2026 one field held either.
	FieldShown      Field = "shown_code"
	FieldIdentified Field = "identified"

	FieldDigestHour  Field = "digest_hour"  // when a person's digest leaves
	FieldDigestEvery Field = "digest_every" // how often it comes
	// FieldPausedUntil is the date from which a person is told in the mornings again.
	FieldPausedUntil Field = "paused_until"
	FieldReminded    Field = "reminded" // what a reminder told of (Reminder.String)
	FieldMany        Field = "many"     // the requests to which one act is done, of a form only
	FieldUntil       Field = "until"    // the date before which a person is not reminded
)

// Type says how a field is asked for and checked. What is kept of each type, and
// in which forms people write it, is in core/value.
type Type string

// The types of field.
const (
	TypeText    Type = "text"    // one line
	TypeLong    Type = "long"    // several lines
	TypeDate    Type = "date"    // 2006-01-02, not in the future where Past
	TypeClock   Type = "clock"   // 15:04
	TypeMoney   Type = "money"   // pesos and two decimals, more than zero
	TypeDigits  Type = "digits"  // from Min to Max digits; exactly Max where Min is 0
	TypeMail    Type = "mail"    // one address of e-mail
	TypePhone   Type = "phone"   // a telephone number, with its extension
	TypeKey     Type = "key"     // the key of an agency
	TypeChoice  Type = "choice"  // one of Choices
	TypeChoices Type = "choices" // one or more of Choices, separated by commas
	TypePerson  Type = "person"  // the id of an account with role Role
	TypeLines   Type = "lines"   // renglones
	TypeUpload  Type = "upload"  // files
)

// Spec is the type and the bounds of one field.
type Spec struct {
	Type     Type
	Min, Max int // characters for texts, digits for Digits; 0: no bound
	Choices  []string
	Role     Role // of a Person
	Past     bool // a Date may not lie after today
	Leading  bool // Digits do not begin with a zero
}

// The closed sets of values.
const (
	Favorable   = "favorable"
	Unfavorable = "unfavorable"
	Yes         = "yes"
	No          = "no"

	CallAnswered = "answered"
	CallNoAnswer = "no_answer"
	CallMessage  = "message"
	CallWrong    = "wrong_number"
)

// Specs are the fields that a person or a command fills, by name. A field that
// is not here is set by SIDEM itself.
var Specs = map[Field]Spec{
	FieldName:           {Type: TypeText, Min: 3, Max: 120},
	FieldYear:           {Type: TypeDigits, Max: 4, Leading: true},
	FieldReason:         {Type: TypeLong, Min: 10, Max: 1000},
	FieldNote:           {Type: TypeLong, Min: 3, Max: 1000},
	FieldAgency:         {Type: TypeKey, Min: 2, Max: 20},
	FieldUser:           {Type: TypeText, Min: 3, Max: 40},
	FieldPost:           {Type: TypeText, Min: 3, Max: 120},
	FieldOwnEmail:       {Type: TypeText, Min: 1, Max: 1},
	FieldFormerEmail:    {Type: TypeText, Min: 6, Max: 120},
	FieldFormerAgencies: {Type: TypeText, Min: 1, Max: 500},
	FieldEmail:          {Type: TypeMail, Max: 120},
	FieldPhone:          {Type: TypePhone},
	FieldExtension:      {Type: TypeDigits, Min: 1, Max: 10},
	FieldProfile:        {Type: TypeChoices, Choices: []string{"requester", "secretary", "registry", "director", "head", "executive", "admin", "auditor"}},
	FieldChannels:       {Type: TypeChoices, Choices: []string{"telegram", "slack", "email"}},
	FieldPlatform:       {Type: TypeText, Max: 20},
	FieldChat:           {Type: TypeText, Max: 80},

	FieldSubstitute: {Type: TypePerson},
	FieldFromDate:   {Type: TypeDate},
	FieldToDate:     {Type: TypeDate},

	FieldUnit:          {Type: TypeText, Min: 3, Max: 120},
	FieldSubject:       {Type: TypeText, Min: 10, Max: 80},
	FieldProcurement:   {Type: TypeChoice, Choices: []string{"purchase", "lease", "service"}},
	FieldCategory:      {Type: TypeChoices, Choices: []string{"equipment", "software", "cloud", "services", "telecom"}},
	FieldItems:         {Type: TypeLines, Min: 1, Max: 200},
	FieldJustification: {Type: TypeLong, Min: 20, Max: 3000},
	FieldBudgetLine:    {Type: TypeDigits, Max: 4, Leading: true}, // by its chapter, 1000 to 9000 (Clasificador por Objeto del Gasto)
	FieldFunding:       {Type: TypeText, Min: 3, Max: 120},
	FieldAmount:        {Type: TypeMoney},
	FieldMultiYear:     {Type: TypeChoice, Choices: []string{No, Yes}},
	FieldProject:       {Type: TypeText, Min: 3, Max: 160},
	FieldFiles:         {Type: TypeUpload, Max: 10},

	FieldLetterNumber: {Type: TypeText, Min: 3, Max: 60},
	FieldLetterDate:   {Type: TypeDate, Past: true},
	FieldFolio:        {Type: TypeText, Min: 2, Max: 40},
	FieldReceivedDate: {Type: TypeDate, Past: true},
	FieldReceivedTime: {Type: TypeClock},

	FieldHead:      {Type: TypePerson, Role: RoleHead},
	FieldLeft:      {Type: TypePerson},
	FieldExecutive: {Type: TypePerson, Role: RoleExecutive},

	FieldSection:     {Type: TypeChoice, Choices: []string{"data", "items", "justification", "budget", "annexes"}},
	FieldMissing:     {Type: TypeLong, Min: 20, Max: 1000},
	FieldDeliver:     {Type: TypeLong, Min: 5, Max: 500},
	FieldDueDate:     {Type: TypeDate},
	FieldObservation: {Type: TypeDigits, Min: 1, Max: 3},
	FieldAnswer:      {Type: TypeLong, Min: 3, Max: 2000},

	FieldOpinionNumber: {Type: TypeText, Min: 4, Max: 40},
	FieldOutcome:       {Type: TypeChoice, Choices: []string{Favorable, Unfavorable}},
	FieldPickupCode:    {Type: TypeDigits, Max: 6},
	FieldPickupKey:     {Type: TypeText, Min: 1, Max: 26},
	FieldCallResult:    {Type: TypeChoice, Choices: []string{CallAnswered, CallNoAnswer, CallMessage, CallWrong}},
	FieldReceivedBy:    {Type: TypeText, Min: 3, Max: 120},
	FieldShown:         {Type: TypeText, Max: 120},
	FieldIdentified:    {Type: TypeText, Min: 3, Max: 120},

	FieldDigestHour:  {Type: TypeClock},
	FieldDigestEvery: {Type: TypeChoice, Choices: []string{DigestDaily, DigestWeekly, DigestNever}},
	FieldMany:        {Type: TypeChoices, Min: 1, Max: 200}, // whose choices are of the form
	FieldPausedUntil: {Type: TypeDate},
	FieldUntil:       {Type: TypeDate},
}
