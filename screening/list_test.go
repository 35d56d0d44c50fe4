package screening

import (
	"reflect"
	"strings"
	"testing"
)

func parsed(t *testing.T, source string, files ...string) []Entry {
	t.Helper()
	raw := make([][]byte, len(files))
	for i, f := range files {
		raw[i] = []byte(f)
	}
	all, err := parse(source, raw)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestParsersReadWhatTheListsSay(t *testing.T) {
	for _, c := range []struct {
		source string
		files  []string
		want   []Entry
	}{
		{"ofac_sdn", []string{
			"\ufeff7,\"DOE, John\",\"individual\",\"IRAN\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 02 Aug 1965; alt. DOB 1966; POB Rome.\"\r\n8,\"EP-ABC\",\"aircraft\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1990.\"\r\n\x1a",
			"7,1,\"aka\",\"DOE, Jack\",-0- \r\n7,2,\"fka\",-0- ,-0- \r\n\x1a", "7,1,\"Street 1, Rome\",\"Rome\",\"Italy\",-0- \r\n7,2,-0- ,-0- ,\"Iran\",-0- \r\n7,3,-0- ,-0- ,\"Italy\",-0- \r\n8,4,-0- ,-0- ,-0- ,-0- \r\n\x1a"},
			[]Entry{{SourceID: "7", Kind: "person", Name: "DOE, John", Aliases: []string{"DOE, Jack"}, Programmes: "IRAN", Countries: "Italy, Iran", Born: "02 Aug 1965, 1966", Remarks: "DOB 02 Aug 1965; alt. DOB 1966; POB Rome."},
				{SourceID: "8", Kind: "aircraft", Name: "EP-ABC", Born: "1990", Remarks: "DOB 1990."}}},
		{"un", []string{`<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME> ERIC </FIRST_NAME><FOURTH_NAME>BADEGE</FOURTH_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
			<REFERENCE_NUMBER>CDi.001 </REFERENCE_NUMBER><NATIONALITY><VALUE>A</VALUE><VALUE>B</VALUE></NATIONALITY><INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>E. Badege; Eric B.</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><ALIAS_NAME/></INDIVIDUAL_ALIAS>
			<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1973</FROM_YEAR><TO_YEAR>1974</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH><INDIVIDUAL_DATE_OF_BIRTH><DATE>1971-01-02</DATE></INDIVIDUAL_DATE_OF_BIRTH><NAME_ORIGINAL_SCRIPT>إيريك</NAME_ORIGINAL_SCRIPT></INDIVIDUAL></INDIVIDUALS>
			<ENTITIES><ENTITY><FIRST_NAME>ADF</FIRST_NAME><REFERENCE_NUMBER>CDe.001</REFERENCE_NUMBER><ENTITY_ADDRESS><COUNTRY>Uganda</COUNTRY></ENTITY_ADDRESS></ENTITY></ENTITIES></CONSOLIDATED_LIST>`},
			[]Entry{{SourceID: "CDi.001", Kind: "person", Name: "ERIC BADEGE", Aliases: []string{"E. Badege", "Eric B.", "إيريك"}, Programmes: "DRC", Countries: "A, B", Born: "1973–1974, 1971-01-02"},
				{SourceID: "CDe.001", Kind: "organisation", Name: "ADF", Countries: "Uganda"}}},
		{"eu_269", []string{"celex,annex,recordId,schema,name,alias,nationality,birthDate\n32014R0269,I,5,Person,Saeed A / Said B,\"Artem S (Russian: Артём Ш); Bank (Crimea)\",Russian,30.6.1980; Rome\n"},
			[]Entry{{SourceID: "32014R0269-I-5", Kind: "person", Name: "Saeed A / Said B", Aliases: []string{"Saeed A", "Said B", "Artem S", "Артём Ш", "Bank (Crimea)"}, Countries: "Russian", Born: "30.6.1980, Rome"}}},
		{"eu_fsf", []string{"\ufefffileGenerationDate;Entity_LogicalId;Entity_Remark;Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_Programme;NameAlias_LastName;NameAlias_FirstName;NameAlias_MiddleName;NameAlias_WholeName;Address_CountryDescription;BirthDate_BirthDate;BirthDate_Year;Identification_Number;Citizenship_CountryDescription\r\n" +
			"01/06/2026;13;\"(UNSC; 1483)\";P;person;IRQ;Doe;John;;John Doe;;;;;\r\n01/06/2026;13;;P;person;IRQ;;;;J. Doe;;;;;\r\n01/06/2026;13;;P;person;IRQ;;;;;Iraq;;;;\r\n01/06/2026;13;;P;person;IRQ;;;;;;1937-04-28;1937;;\r\n01/06/2026;13;;P;person;IRQ;;;;;;;;X12;Iraq\r\n" +
			"01/06/2026;20;;E;enterprise;SYR;;;;\"Acme \"\"Works\"\"\";;;;;\r\n01/06/2026;21;;P;person;SYR;Roe;Jane;M.;;;;1950;;\r\n"},
			[]Entry{{SourceID: "13", Kind: "person", Name: "John Doe", Aliases: []string{"J. Doe"}, Programmes: "IRQ", Countries: "Iraq", Born: "1937-04-28", IDs: []string{"X12"}, Remarks: "(UNSC; 1483)"},
				{SourceID: "20", Kind: "organisation", Name: "Acme \"Works\"", Programmes: "SYR"}, {SourceID: "21", Kind: "person", Name: "Jane M. Roe", Programmes: "SYR", Born: "1950"}}},
		{"china", []string{"Type,Name,Alias,Chinese name,List,Date,End date\nCompany,Teal,A;B,蒂尔,AFSL,1.1.2025,\nCompany,Teal,,蒂尔,AFSL,1.1.2025,2.2.2026\nAirplane,,,甲机,,,\nSpaceship,X,,,,,\n"},
			[]Entry{{SourceID: "Teal|蒂尔|AFSL|1.1.2025", Kind: "organisation", Name: "Teal", Aliases: []string{"A", "B", "蒂尔"}, Programmes: "AFSL", Remarks: "1.1.2025"},
				{SourceID: "Teal|蒂尔|AFSL|1.1.2025#2", Kind: "organisation", Name: "Teal", Aliases: []string{"蒂尔"}, Programmes: "AFSL", Remarks: "1.1.2025; ended 2.2.2026"},
				{SourceID: "|甲机||", Kind: "aircraft", Name: "甲机", Aliases: []string{}}, {SourceID: "X|||", Kind: "unknown", Name: "X"}}},
	} {
		got := parsed(t, c.source, c.files...)
		for i := range got {
			if len(got[i].Aliases) == 0 {
				got[i].Aliases = nil
			}
			if len(got[i].IDs) == 0 {
				got[i].IDs = nil
			}
		}
		for i := range c.want {
			if len(c.want[i].Aliases) == 0 {
				c.want[i].Aliases = nil
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.source, got, c.want)
		}
	}
}

func TestBrokenListsNameTheLine(t *testing.T) {
	const row = "7,\"A\",-0-,-0-,-0-,-0-,-0-,-0-,-0-,-0-,-0-,-0-\n"
	for name, c := range map[string]struct {
		source string
		files  []string
		says   string
	}{
		"too few columns":      {"ofac_sdn", []string{row + "8,\"B\"\n", ""}, "file 1: line 2: screening.why.format"},
		"number twice":         {"ofac_sdn", []string{row + row, ""}, "file 1: line 2: screening.why.number 7"},
		"no name":              {"ofac_sdn", []string{strings.Replace(row, "\"A\"", "-0- ", 1), ""}, "file 1: line 1: screening.why.no_name"},
		"open quotation mark":  {"ofac_sdn", []string{strings.Replace(row, "\"A\"", "\"A", 1), ""}, "line 1"},
		"alias of nobody":      {"ofac_sdn", []string{row, "7,1,aka,B,\n9,2,aka,C,\n"}, "file 2: line 2: screening.why.nobody 9"},
		"address of nobody":    {"ofac_sdn", []string{row, "", "9,2,x,y,z,\n"}, "file 3: line 1: screening.why.nobody 9"},
		"not UTF-8":            {"ofac_sdn", []string{strings.Replace(row, "A", "\xc4", 1), ""}, "line 1: screening.why.text 2"},
		"files missing":        {"ofac_sdn", []string{row}, "screening.files"},
		"files in excess":      {"un", []string{"<a/>", "<a/>"}, "screening.files"},
		"unknown source":       {"moon", []string{row}, "fault.one_of"},
		"XML cut off":          {"un", []string{"<L>\n<INDIVIDUALS>\n"}, "line 3"},
		"no reference number":  {"un", []string{"<L>\n<ENTITY><FIRST_NAME>A</FIRST_NAME></ENTITY></L>"}, "line 2"},
		"nothing in it":        {"un", []string{"<L></L>"}, "screening.empty"},
		"another table":        {"eu_269", []string{"a,b\n1,2\n"}, "line 1: screening.why.no_column celex"},
		"FSF without id":       {"eu_fsf", []string{"Entity_LogicalId;Entity_SubjectType;NameAlias_WholeName\n;P;A\n"}, "line 2: screening.why.number"},
		"FSF without name":     {"eu_fsf", []string{"Entity_LogicalId;Entity_SubjectType;NameAlias_WholeName\n7;P;\n"}, "screening.why.no_name 7"},
		"FSF cut off":          {"eu_fsf", []string{"Entity_LogicalId;Entity_SubjectType;NameAlias_WholeName\n7;P;A\n8;P"}, "line 3: screening.why.format"},
		"nameless row":         {"china", []string{"Type,Name,Alias,Chinese name,List,Date\nPerson,A,,,,\nPerson,,,,,\n"}, "line 3: screening.why.no_name"},
		"rows of other length": {"china", []string{"Type,Name,Alias,Chinese name,List,Date\nPerson,A\n"}, "line 2"},
	} {
		raw := make([][]byte, len(c.files))
		for i, f := range c.files {
			raw[i] = []byte(f)
		}
		if _, err := parse(c.source, raw); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
