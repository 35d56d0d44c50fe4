package browser

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/xinheng/xinheng/access"
	"github.com/xinheng/xinheng/app"
	"github.com/xinheng/xinheng/customer"
	"github.com/xinheng/xinheng/customer/provider/providertest"
	"github.com/xinheng/xinheng/internal/clock"
	"github.com/xinheng/xinheng/internal/operation"
)

const (
	codeOfExample = "91350100M000100Y43" // the example of GB 32100-2015
	registryWord  = `{"Name":"示例机械有限公司","CreditCode":"91350100M000100Y43","OperName":"张三","RegistCapi":"1000万元人民币","StartDate":"2015-03-02","Address":"福州市鼓楼区一号","Scope":"机械设备制造与销售",
		"RegStatus":"存续","UpdatedDate":"2026-06-01","Partners":[{"StockName":"李四","StockPercent":"60%","StockType":"自然人股东"},{"StockName":"甲投资有限公司","StockPercent":"40%","StockType":"企业法人"}],
		"Employees":[{"Name":"王五","Job":"监事"}]}`
	licencePDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n" +
		"4 0 obj<</Length 60>>stream\nBT /F1 28 Tf 40 150 Td (BUSINESS LICENCE EXAMPLE) Tj ET\n\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)

func drawing(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 600, 240))
	for x := range 600 {
		for y := range 240 {
			m.Set(x, y, color.RGBA{uint8(x / 3), uint8(y), 160, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manager(t *testing.T, a *app.App) operation.Call {
	t.Helper()
	user, err := access.ByLogin(t.Context(), a.DB, "manager")
	if err != nil {
		t.Fatal(err)
	}
	return operation.Call{Actor: user.Actor(), Door: "test"}
}

// must runs an operation in the manager's name.
func must[In, Out any](t *testing.T, a *app.App, o *operation.Operation[In, Out], in In) Out {
	t.Helper()
	out, err := operation.Run(t.Context(), a.Runner, manager(t, a), o, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func keep(t *testing.T, a *app.App, in customer.NewDocument, kind, name string, content []byte) customer.Document {
	t.Helper()
	up, err := a.Documents.Receive(t.Context(), manager(t, a), kind, name, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	in.UploadID = up.ID
	return must(t, a, customer.AddDocument, in)
}

func TestExternalDataAndDocuments(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		t.Run(lang, func(t *testing.T) {
			a, server := serve(t)
			people(t, a)
			admin := access.NewUser{Login: "admin", Name: "admin", Password: access.Secret(password), Scope: operation.ScopeAll, Roles: []access.Role{access.Admin}}
			if _, err := operation.Run(t.Context(), a.Runner, operation.Call{Actor: operation.System("test")}, access.CreateUser, admin); err != nil {
				t.Fatal(err)
			}
			background, stop := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); a.Providers.Run(background) }()
			t.Cleanup(func() { stop(); <-done })
			s := providertest.Start(t)
			s.Knows(codeOfExample, registryWord)
			t.Setenv("XINHENG_PROVIDER_REGISTRY_KEY", providertest.Secret)
			t.Setenv("XINHENG_PROVIDER_REGISTRY_SECRET", "other secret")
			c := must(t, a, customer.Create, customer.New{Profile: customer.Profile{Name: "示例机械有限公司", USCC: codeOfExample, LegalRepresentative: "老张", Region: "福建"}})
			path := "/customers/" + c.ID

			// The administrator attaches a service from the example, sees what is wrong, tries it.
			b := Open(t, server, lang)
			b.signIn("admin")
			b.Go("/settings/providers")
			b.Shoot("providers-empty")
			b.Go("/settings/providers/new?example=registry")
			text := ask(b, chromedp.Evaluate[string](`document.querySelector('[name="mapping"]').value`))
			b.Fill("mapping", strings.Replace(text, "legal_representative", "nonsense", 1))
			b.Expect(422, func() { b.Submit() })
			b.See("nonsense")
			b.Shoot("provider-wrong")
			b.run(chromedp.SetValue(`[name="mapping"]`, s.Mapping(text)), chromedp.SetValue(`[name="allowed"]`, "127.0.0.1"), chromedp.Click(`[name="enabled"]`))
			b.Submit()
			b.Shoot("provider-edit")
			b.Go("/settings/providers/registry/try")
			b.Fill("uscc", codeOfExample)
			b.Submit()
			b.See("张三", "10,000,000.00", "60.00%")
			b.Shoot("provider-trial")
			b.Go("/settings/providers/new?example=partner_files")
			b.run(chromedp.Click(`[name="enabled"]`))
			b.Submit()
			b.Go("/settings/providers/partner_files/files")
			csv := filepath.Join(t.TempDir(), "2026-06.csv")
			if err := os.WriteFile(csv, []byte("统一社会信用代码,企业名称,法定代表人,住所,数据日期\n"+codeOfExample+",示例机械有限公司,赵六,福州市二号,2026-05-31\n,没有这家公司,王五,,\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			b.run(chromedp.SetUploadFiles(`[name="file"]`, []string{csv}))
			b.Submit()
			b.See("没有这家公司")
			b.Shoot("provider-files")
			b.Go("/settings/providers")
			b.Shoot("providers")
			b.Go("/settings/documents")
			b.Shoot("document-rules")
			b.Go("/settings/documents/contract")
			b.Shoot("document-rule")
			b.signOut()

			// The manager fetches, compares, accepts some, rejects one with its reason.
			b.signIn("manager")
			b.Go(path + "/external")
			b.Shoot("external-before")
			b.Press(`form:has(input[name="ask"][value="registry"]) button`)
			b.See("老张", "张三", "¥10,000,000.00", "李四")
			b.Shoot("external")
			b.Go("/providers")
			b.See("示例机械有限公司")
			b.Shoot("differences")
			b.Go("/")
			b.Shoot("workbench-external")
			b.Go(path + "/external")
			b.Expect(422, func() { b.Press(`button[value="reject"]`) })
			b.Shoot("external-wrong")
			b.Go(path + "/external")
			b.run(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll(".differences tbody tr")].filter(r => r.innerText.includes("赵六") || r.innerText.includes("福州市二号")).forEach(r => r.querySelector("input").click())`))
			b.Fill("reason", "以登记机关为准")
			b.Press(`button[value="reject"]`)
			b.Press(`button[value="accept_all"]`)
			b.See("以登记机关为准")
			b.Shoot("external-after")
			file, err := operation.Read(t.Context(), a.Runner, manager(t, a), customer.View, customer.ByIDInput{ID: c.ID})
			if err != nil || file.Customer.LegalRepresentative != "张三" || len(file.Shareholders) != 2 || file.Customer.RegisteredAddress != "福州市鼓楼区一号" {
				t.Errorf("the file: %+v %v", file.Customer.Profile, err)
			}
			b.Go("/providers/costs")
			b.Fill("provider", "registry", "region", "福建")
			b.Submit()
			b.Shoot("provider-costs")

			// Documents: upload by the form, preview, a new version, expiry, deletion.
			today := clock.DateOf(a.Runner.Clock())
			licence := filepath.Join(t.TempDir(), "营业执照.pdf")
			if err := os.WriteFile(licence, []byte(licencePDF), 0o600); err != nil {
				t.Fatal(err)
			}
			page := filepath.Join(t.TempDir(), "x.pdf")
			if err := os.WriteFile(page, []byte("<html><script>alert(1)</script></html>"), 0o600); err != nil {
				t.Fatal(err)
			}
			b.Go(path + "/documents")
			b.Shoot("documents-empty")
			b.Go(path + "/document")
			b.run(chromedp.SetUploadFiles(`[name="file"]`, []string{page}))
			b.Fill("kind", "licence")
			b.Expect(422, func() { b.Submit() })
			b.See("text/html")
			b.Shoot("document-refused")
			b.Go(path + "/document")
			b.run(chromedp.SetUploadFiles(`[name="file"]`, []string{licence}), chromedp.SetValue(`[name="expires"]`, string(today.AddDays(20))))
			b.Fill("kind", "licence")
			b.Submit()
			b.See("营业执照.pdf")
			photo := keep(t, a, customer.NewDocument{CustomerID: c.ID, Expires: today.AddDays(-3)}, "other", "厂区照片.png", drawing(t))
			keep(t, a, customer.NewDocument{CustomerID: c.ID, Replaces: photo.ID, Expires: today.AddDays(-1)}, "other", "厂区照片 新.png", drawing(t))
			letter := keep(t, a, customer.NewDocument{CustomerID: c.ID}, "letter", "往来函.pdf", []byte(strings.Replace(licencePDF, "/Type/Catalog", "/Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>", 1)))
			b.Go(path + "/documents")
			b.Shoot("documents")
			b.Go("/documents")
			b.See("厂区照片 新.png", "营业执照.pdf")
			b.Shoot("documents-expiring")
			b.Go("/documents/" + photo.ID + "/look")
			b.Until(`document.querySelector(".preview-picture").naturalWidth === 600`)
			b.Shoot("document-picture")
			b.Go("/documents/" + letter.ID + "/look")
			b.Shoot("document-caution")
			b.Go(path + "/documents")
			b.run(chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("main a")].find(a => a.innerText === "营业执照.pdf").click()`))
			b.Until(`document.querySelector(".preview-frame") && document.readyState === "complete"`)
			b.Shoot("document-pdf")
			heads := ask(b, chromedp.Evaluate[string](`((at) => [at + "/preview", at].map(u => { const x = new XMLHttpRequest(); x.open("GET", u, false); x.send();
				return [x.getResponseHeader("content-type"), x.getResponseHeader("content-disposition"), x.getResponseHeader("x-content-type-options"), x.getResponseHeader("content-security-policy")].join(" "); }).join("\n"))("/documents/`+letter.ID+`")`))
			preview, download, _ := strings.Cut(heads, "\n")
			if !strings.HasPrefix(preview, "application/pdf inline nosniff default-src 'none'") || !strings.HasSuffix(preview, "; sandbox") ||
				!strings.HasPrefix(download, "application/octet-stream attachment;") || !strings.Contains(download, "nosniff") {
				t.Errorf("headers of preview and download:\n%s", heads)
			}
			b.Go("/documents/" + letter.ID + "/delete")
			b.Fill("reason", "放错客户")
			b.Submit()
			b.See("放错客户")
			b.Expect(409, func() { b.Go("/documents/" + letter.ID + "/preview") })
			b.Go("/documents/" + letter.ID + "/look")
			b.Shoot("document-deleted")
		})
	}
}
