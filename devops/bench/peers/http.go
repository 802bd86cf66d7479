package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
)

// page is a request over HTTP/1.1.
type page struct {
	path string
	body []byte
}

// pages are what the gateway is asked, each by a POST.
var pages = map[string]func(root, data []byte) page{
	"rest-command": func(root, data []byte) page {
		return page{
			"/v1/domains/" + *domain + "/aggregates/" + hex.EncodeToString(root) + "/commands",
			[]byte(fmt.Sprintf(`{"type":"json/bench.Command","payload":{"data":"%x"}}`, data[:len(data)/2]))}
	},
	"eventuate-create": func(_, data []byte) page {
		return page{"/entity/default", []byte(fmt.Sprintf(
			`{"entityTypeName":"%s","events":[{"eventType":"bench.Event","eventData":"{\"data\":\"%x\"}"}]}`,
			*domain, data[:len(data)/2]))}
	},
}

// httpClient keeps a connection for each call under way.
func httpClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *inFlight, MaxConnsPerHost: *inFlight}}
}

// post sends a page, and wants it to succeed.
func post(client *http.Client, wanted page) {
	answer, err := client.Post("http://"+*address+wanted.path, "application/json", bytes.NewReader(wanted.body))
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatalf("%s was answered %s: %s", wanted.path, answer.Status, body)
	}
}
