package main

var statuses = []fault{}
