package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
)

// foundEvents are those of the entity that a find answers.
const foundEvents = 10

// A visit is one request over HTTP/1.1, with its answer.
type visit func(root, data []byte)

// visits are what the gateway is asked. Each worker makes its own, and with it what it needs.
var visits = map[string]func(client *http.Client) visit{
	"rest-command": func(client *http.Client) visit {
		return func(root, data []byte) {
			post(client, "/v1/domains/"+*domain+"/aggregates/"+hex.EncodeToString(root)+"/commands",
				fmt.Sprintf(`{"type":"json/bench.Command","payload":{"data":"%x"}}`, data[:len(data)/2]))
		}
	},
	"eventuate-create": func(client *http.Client) visit {
		return func(_, data []byte) { createEntity(client, eventsOfEntity(1, data)) }
	},
	// An entity for each worker, which has a version more with each request.
	"eventuate-update": func(client *http.Client) visit {
		var entity savedEntity
		return func(_, data []byte) {
			if entity.ID == "" {
				entity = createEntity(client, eventsOfEntity(1, data))
			}
			entity = saved(post(client, "/entity/default/"+*domain+"/"+entity.ID,
				fmt.Sprintf(`{"entityVersion":"%s","events":[%s]}`, entity.Version, eventsOfEntity(1, data))))
		}
	},
	"eventuate-find": func(client *http.Client) visit {
		var entity savedEntity
		return func(_, data []byte) {
			if entity.ID == "" {
				entity = createEntity(client, eventsOfEntity(foundEvents, data))
			}
			get(client, "/entity/default/"+*domain+"/"+entity.ID)
		}
	},
}

// savedEntity is what Eventuate's REST API answers to a create and to an update.
type savedEntity struct {
	ID      string `json:"entityId"`
	Version string `json:"entityVersion"`
}

func createEntity(client *http.Client, events string) savedEntity {
	return saved(post(client, "/entity/default", fmt.Sprintf(`{"entityTypeName":"%s","events":[%s]}`, *domain, events)))
}

func saved(answer []byte) (entity savedEntity) {
	if err := json.Unmarshal(answer, &entity); err != nil {
		log.Fatal(err)
	}
	return entity
}

// eventsOfEntity is so many events as they are posted, each with the data.
func eventsOfEntity(count int, data []byte) string {
	return eventsHolding(count, fmt.Sprintf("%x", data[:len(data)/2]))
}

func eventsHolding(count int, text string) string {
	event := fmt.Sprintf(`{"eventType":"bench.Event","eventData":"{\"data\":\"%s\"}"}`, text)
	return event + string(bytes.Repeat([]byte(","+event), count-1))
}

// httpClient keeps a connection for each call under way.
func httpClient(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
}

// post sends a page, and wants it to succeed.
func post(client *http.Client, path, body string) []byte {
	answer, err := client.Post("http://"+*address+path, "application/json", bytes.NewReader([]byte(body)))
	return succeeded(path, answer, err)
}

func get(client *http.Client, path string) []byte {
	answer, err := client.Get("http://" + *address + path)
	return succeeded(path, answer, err)
}

func succeeded(path string, answer *http.Response, err error) []byte {
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatalf("%s was answered %s: %s", path, answer.Status, body)
	}
	return body
}
